using System.Globalization;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

/// <summary><c>servimon.predict.v1.PredictionService</c>.</summary>
internal sealed class PredictionApi(ApiParts parts, IHostApplicationLifetime lifetime) : V1.PredictionService.PredictionServiceBase
{
    private const int MaxWatchedNames = 1000;

    /// <summary>A subscription ends when its reader goes; one that is full now may have room soon.</summary>
    private static readonly TimeSpan RetryWatch = TimeSpan.FromSeconds(5);

    public override Task<V1.GetPredictionResponse> GetPrediction(V1.GetPredictionRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        check.Name("asset", request.Asset);
        check.Done();
        var profiles = request.Profile.Length > 0 ? [check.Profile(parts, request.Profile).Name] : parts.Profiles.Keys;
        var found = new List<AssetPrediction>();
        foreach (var profile in profiles)
            if (parts.Board.TryGet(new AssetKey(profile, request.Asset), out var prediction)) found.Add(prediction);
        if (found.Count == 0)
            throw ApiFailure.NotFound("asset", request.Asset, parts.Board.Keys.ToArray().Where(k => profiles.Contains(k.Profile)).Select(k => k.Asset).Distinct());
        if (found.Count > 1)
            throw ApiFailure.Invalid("profile", $"is required: {string.Join(", ", found.Select(p => p.Key.Profile).Order(StringComparer.Ordinal))} have an asset '{request.Asset}'");
        return Task.FromResult(new V1.GetPredictionResponse { Prediction = found[0].ToWire() });
    }

    public override Task<V1.ListPredictionsResponse> ListPredictions(V1.ListPredictionsRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        var size = check.PageSize(request.PageSize, parts);
        string[] filter =
        [
            request.Profile, request.AssetPrefix, string.Join(',', request.States.Select(s => (int)s)), request.MinProbability.ToString("R", CultureInfo.InvariantCulture),
        ];
        var place = check.Page(request.PageToken, filter);
        if (!(request.MinProbability is >= 0 and <= 1)) check.Add("min_probability", $"is {request.MinProbability}, allowed 0 to 1");
        if (request.States.Any(s => s == V1.PredictionState.Unspecified || !System.Enum.IsDefined(s))) check.Add("states", $"has a value that is no state");
        if (place is { Length: not 2 }) check.Add("page_token", $"is not one that was given for this list");
        check.Done();
        if (request.Profile.Length > 0) check.Profile(parts, request.Profile);

        var keys = parts.Board.Keys;
        var at = place is null ? 0 : After(keys, new AssetKey(place[0], place[1]));
        var response = new V1.ListPredictionsResponse();
        var last = default(AssetKey);
        for (; at < keys.Length; at++)
        {
            var key = keys[at];
            if (!Wanted(key, request.Profile, request.AssetPrefix) || !parts.Board.TryGet(key, out var prediction)) continue;
            if (request.States.Count > 0 && !request.States.Contains(prediction.State.ToWire())) continue;
            if (request.MinProbability > 0 && !(prediction.LongestProbability >= request.MinProbability)) continue;
            if (response.Predictions.Count == size)
            {
                response.NextPageToken = PageToken.Write(filter, last.Profile, last.Asset);
                break;
            }
            response.Predictions.Add(prediction.ToWire());
            last = key;
        }
        return Task.FromResult(response);
    }

    public override async Task WatchPredictions(
        V1.WatchPredictionsRequest request, IServerStreamWriter<V1.WatchPredictionsResponse> responseStream, ServerCallContext context)
    {
        var check = new RequestCheck();
        if (request.Assets.Count > MaxWatchedNames) check.Add("assets", $"has {request.Assets.Count} names, allowed 0 to {MaxWatchedNames}");
        check.Done();
        if (request.Profile.Length > 0) check.Profile(parts, request.Profile);
        var names = request.Assets.Count > 0 ? request.Assets.ToHashSet() : null;
        using var watch = parts.Board.TryWatch(k => Wanted(k, request.Profile, request.AssetPrefix) && names?.Contains(k.Asset) != false)
            ?? throw ApiFailure.Retry(Code.ResourceExhausted, "TOO_MANY_WATCHES", FormattableString.Invariant($"{parts.Board.MaxWatches} subscriptions are open, as many as allowed"), RetryWatch);
        // The answer's headers tell the caller that the subscription stands, before there is anything to send.
        await context.WriteResponseHeadersAsync([]).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        await foreach (var (key, prediction) in watch.ReadAllAsync(end.Token).ConfigureAwait(false))
        {
            var response = prediction is null
                ? new V1.WatchPredictionsResponse { Removed = new V1.RemovedAsset { Profile = key.Profile, Asset = key.Asset } }
                : new V1.WatchPredictionsResponse { Prediction = prediction.ToWire() };
            // Waits while the caller does not read: meanwhile the subscription keeps the newest of each asset only.
            await responseStream.WriteAsync(response, end.Token).ConfigureAwait(false);
        }
    }

    public override async Task<V1.ListPredictionHistoryResponse> ListPredictionHistory(V1.ListPredictionHistoryRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        var size = check.PageSize(request.PageSize, parts);
        check.Name("asset", request.Asset);
        var (from, to) = check.Range(request.StartTime, request.EndTime);
        var known = check.Time("known_time", request.KnownTime);
        string[] filter = [request.Profile, request.Asset, Ticks(from), Ticks(to), Ticks(known)];
        var place = check.Page(request.PageToken, filter);
        var ticks = 0L;
        if (place is not null && (place.Length != 2 || !long.TryParse(place[0], NumberStyles.None, CultureInfo.InvariantCulture, out ticks) || ticks > DateTime.MaxValue.Ticks))
            check.Add("page_token", $"is not one that was given for this list");
        check.Profile(parts, request.Profile);

        if (place is not null) from = new DateTimeOffset(ticks, TimeSpan.Zero);
        var query = new LogQuery { Profile = request.Profile, Assets = [request.Asset], From = from, To = to };
        var page = new List<LoggedPrediction>();
        var more = false;
        await foreach (var prediction in parts.Log.ReadPredictionsAsync(query, context.CancellationToken).ConfigureAwait(false))
        {
            if (prediction.Given > known) continue;
            if (place is not null && prediction.Time == from && string.CompareOrdinal(prediction.ModelId, place[1]) <= 0) continue;
            more = page.Count == size;
            if (more) break;
            page.Add(prediction);
        }
        var response = new V1.ListPredictionHistoryResponse();
        if (page.Count == 0) return response;
        var outcomes = await OutcomesAsync(request, page, known, context.CancellationToken).ConfigureAwait(false);
        foreach (var p in page)
            response.Predictions.Add(new V1.PastPrediction { Prediction = p.ToWire(request.Profile), Detail = p.Detail, Outcomes = { outcomes[(p.Time, p.ModelId)].Select(Wire.ToWire) } });
        if (more) response.NextPageToken = PageToken.Write(filter, page[^1].Time.UtcTicks.ToString(CultureInfo.InvariantCulture), page[^1].ModelId);
        return response;
    }

    private async Task<ILookup<(DateTimeOffset, string), LoggedOutcome>> OutcomesAsync(
        V1.ListPredictionHistoryRequest request, List<LoggedPrediction> page, DateTimeOffset? known, CancellationToken ct)
    {
        var query = new LogQuery { Profile = request.Profile, Assets = [request.Asset], From = page[0].Time, To = page[^1].Time.AddTicks(1) };
        var outcomes = await parts.Log.ReadOutcomesAsync(query, ct).Where(o => !(o.Resolved > known)).ToListAsync(ct).ConfigureAwait(false);
        return outcomes.ToLookup(o => (o.Time, o.ModelId));
    }

    private static bool Wanted(AssetKey key, string profile, string prefix) =>
        (profile.Length == 0 || key.Profile == profile) && key.Asset.StartsWith(prefix, StringComparison.Ordinal);

    private static int After(ReadOnlySpan<AssetKey> keys, AssetKey place)
    {
        var found = keys.BinarySearch(place);
        return found >= 0 ? found + 1 : ~found;
    }

    private static string Ticks(DateTimeOffset? time) => time?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "";
}
