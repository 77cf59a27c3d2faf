using System.CommandLine;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Training;

namespace ServiMon.Predict.Cli.Input;

/// <summary><c>--pool PROFILE,SAMPLES,INCIDENTS</c>, repeatable: other fleets whose incidents help to train the universal part.</summary>
internal static class PoolOption
{
    public static Option<string[]> Create() => new("--pool")
    {
        HelpName = "PROFILE,SAMPLES,INCIDENTS", Arity = ArgumentArity.OneOrMore,
        Description = "Another fleet whose incidents help to train what all kinds of assets have in common; repeatable",
    };

    /// <summary>Reads the pooled fleets.</summary>
    /// <exception cref="InputException">With the problems of all of them.</exception>
    public static PoolRead Read(
        IReadOnlyList<string>? values, bool skipBadRows, ProgressBars bars, CancellationToken stop)
    {
        var problems = new InputProblems();
        var fleets = new List<PooledFleet>();
        var notes = new List<string>();
        foreach (var value in values ?? [])
        {
            var parts = value.Split(',');
            if (parts.Length != 3 || parts.Any(string.IsNullOrWhiteSpace))
            {
                problems.Add("--pool", $"'{value}' has {parts.Length} parts; expected PROFILE,SAMPLES,INCIDENTS");
                continue;
            }
            if (problems.Try(() => ProfileFiles.Read(parts[0], "--pool")) is not { } profile) continue;
            if (problems.Try(() => new FleetFiles(parts[1], parts[2], null, skipBadRows).Read(profile, bars, stop)) is not { } read) continue;
            notes.AddRange(read.Notes);
            fleets.Add(new PooledFleet(ProfileInference.Complete(profile, read.Fleet.History.Metrics), read.Fleet));
        }
        problems.ThrowIfAny();
        return new PoolRead(fleets, notes);
    }
}

/// <summary>The pooled fleets, and what was left out of their files.</summary>
internal sealed record PoolRead(IReadOnlyList<PooledFleet> Fleets, IReadOnlyList<string> Notes);
