using ServiMon.Predict.Series;
using ServiMon.Predict.Simulation;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli;

/// <summary>Files of a small simulated fleet, made once for all tests: five brokers, four days, one row in ten minutes.</summary>
public sealed class SmallFleet : IDisposable
{
    public SmallFleet()
    {
        Folder = Directory.CreateTempSubdirectory("servimon-tests-").FullName;
        var fleet = FleetSimulation.Run(new SimulationOptions
        {
            Fleet = "brokers", Duration = TimeSpan.FromDays(4), Step = TimeSpan.FromMinutes(10), AssetCountOverride = 5,
            Horizons = [TimeSpan.FromHours(1), TimeSpan.FromHours(6)], Seed = 2,
        })[0];
        Fleet = fleet.History;
        Samples = At("samples.csv");
        Incidents = At("incidents.csv");
        Maintenance = At("maintenance.csv");
        SampleFile.WriteWide(Samples, Fleet.History);
        IncidentFile.Write(Incidents, Fleet.Incidents);
        MaintenanceFile.Write(Maintenance, Fleet.Maintenance);
        Profile = At("small.yaml");
        File.WriteAllText(Profile, "profile: small\nstep: 10m\nhorizons: [1h, 6h]\n");
    }

    public string Folder { get; }

    public FleetRecord Fleet { get; }

    public string Profile { get; }

    public string Samples { get; }

    public string Incidents { get; }

    public string Maintenance { get; }

    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>A file with this text.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    /// <summary>The path of a store with the fleet in it.</summary>
    public string Stored(string name)
    {
        Servimon.Run("import", "csv", Samples, "--profile", Profile, "--incidents", Incidents, "--maintenance", Maintenance, "--store", At(name)).Expect(ExitCode.Done);
        return At(name);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
