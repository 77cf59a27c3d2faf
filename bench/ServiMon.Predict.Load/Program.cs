using System.CommandLine;
using ServiMon.Predict.Load;

var formats = Many("--format", "prometheus-json: one sample a message; telegraf-json, servimon: one message for all metrics of an asset", ["prometheus-json", "telegraf-json", "servimon"]);
var metrics = Many("--metrics", "Metrics of an asset", [3, 20, 114]);
var perStep = Many("--samples-per-step", "Samples of a metric in a step", [1, 10]);
var seconds = new Option<double?>("--for") { Description = "Seconds that are measured, after some to warm up: of the service's CPU for full load (default 20), of the clock for live (600)" };
var series = new Option<int>("--series") { Description = "Metrics of all assets: full load and hot path", DefaultValueFactory = _ => 20_000 };
var rate = new Option<double>("--rate") { Description = "Samples a second of the live load: half of what a core can take", DefaultValueFactory = _ => 200_000 };
var liveStep = new Option<int>("--step") { Description = "Seconds of a step of the live load, one sample of a metric in each", DefaultValueFactory = _ => 2 };
var state = new Option<int>("--state") { Description = "Metrics whose state is recovered", DefaultValueFactory = _ => 100_000 };
var keep = new Option<string?>("--keep") { Description = "Folder in which trained models are kept from one run to the next" };
var output = new Option<string?>("--out") { Description = "Writes FILE.md and FILE.json" };

var full = Of("full", "Samples a second of the service's CPU, with as many as it can take", [formats, metrics, perStep, seconds, series], FullAsync);
var path = Of("path", "The hot path in this process, without a broker: where its time goes", [formats, metrics, perStep, seconds, series], (parsed, _, ct) => EachAsync(parsed, (format, count, samples) =>
    HotPath.RunAsync(FleetOf(parsed, count), format, samples, Span(parsed, 20), Console.Error, ct)));
var live = Of("live", "Delays, memory and answers under a steady load", [formats, metrics, seconds, rate, liveStep], LiveAsync);
var recovery = Of("recovery", "From the start of the service to its saved state", [state], RecoveryAsync);
var all = Of("all", "full, live (servimon and prometheus-json, 20 metrics) and recovery", [formats, metrics, perStep, seconds, series, rate, liveStep, state], async (parsed, report, ct) =>
{
    await FullAsync(parsed, report, ct);
    await LiveAsync(parsed, report, ct);
    await RecoveryAsync(parsed, report, ct);
});
return await new RootCommand("Load on the real service: producer and mock broker in this process, servimon serve in another") { full, live, recovery, path, all }.Parse(args).InvokeAsync();

Task FullAsync(ParseResult parsed, Report report, CancellationToken ct) => EachAsync(parsed, async (format, count, samples) =>
    report.Full.Add(await FullLoad.RunAsync(FleetOf(parsed, count), format, samples, Span(parsed, 20), Console.Error, ct)));

async Task LiveAsync(ParseResult parsed, Report report, CancellationToken ct)
{
    // Unless asked otherwise: one sample a message and batches, of 20 metrics.
    var wanted = parsed.GetResult(formats)?.Implicit == false ? parsed.GetValue(formats)! : ["prometheus-json", "servimon"];
    var counts = parsed.GetResult(metrics)?.Implicit == false ? parsed.GetValue(metrics)! : [20];
    foreach (var format in wanted)
        foreach (var count in counts)
        {
            var step = parsed.GetValue(liveStep);
            var fleet = new LoadFleet(count, Math.Max(1, (int)(parsed.GetValue(rate) * step / count)), step) { Kept = parsed.GetValue(keep) };
            report.Live.Add(await LiveLoad.RunAsync(fleet, format, Span(parsed, 600), Console.Error, ct));
        }
}

async Task RecoveryAsync(ParseResult parsed, Report report, CancellationToken ct) =>
    report.Recovered.Add(await Recovery.RunAsync(new LoadFleet(20, parsed.GetValue(state) / 20, 10) { Kept = parsed.GetValue(keep) }, Console.Error, ct));

async Task EachAsync(ParseResult parsed, Func<string, int, int, Task> run)
{
    foreach (var format in parsed.GetValue(formats)!)
        foreach (var count in parsed.GetValue(metrics)!)
            foreach (var samples in parsed.GetValue(perStep)!) await run(format, count, samples);
}

TimeSpan Span(ParseResult parsed, double otherwise) => TimeSpan.FromSeconds(parsed.GetValue(seconds) ?? otherwise);

LoadFleet FleetOf(ParseResult parsed, int count) => new(count, Math.Max(1, parsed.GetValue(series) / count), 10) { Kept = parsed.GetValue(keep) };

Command Of(string name, string what, Option[] options, Func<ParseResult, Report, CancellationToken, Task> run)
{
    var command = new Command(name, what);
    foreach (var option in options.Append(keep).Append(output)) command.Add(option);
    command.SetAction(async (parsed, ct) =>
    {
        var report = new Report();
        await run(parsed, report, ct);
        Console.Write(report.ToString());
        if (parsed.GetValue(output) is { } file) report.Write(file);
    });
    return command;
}

static Option<T[]> Many<T>(string name, string what, T[] otherwise) =>
    new(name) { Description = what, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => otherwise };
