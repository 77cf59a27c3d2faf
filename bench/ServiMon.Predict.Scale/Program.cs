using System.Diagnostics;
using System.Globalization;
using ServiMon.Predict.Scale;
using ServiMon.Predict.Storage.Embedded;

if (args.Length != 4)
{
    Console.Error.WriteLine("usage: fill DIR ASSETS DAYS: a store of made-up history, 20 metrics a minute, to train on with scale.yaml");
    return 2;
}
var (folder, assets, days) = (args[1], int.Parse(args[2], CultureInfo.InvariantCulture), int.Parse(args[3], CultureInfo.InvariantCulture));
using var store = EmbeddedStore.Open(folder);
var watch = Stopwatch.StartNew();
long rows = 0;
var incidents = 0;
for (var a = 0; a < assets; a++)
{
    var asset = new ScaleAsset(a, days);
    foreach (var piece in asset.Pieces()) rows += (await store.History.AppendAsync("scale", [piece])).Added;
    incidents += (int)(await store.Incidents.AddIncidentsAsync("scale", asset.Incidents)).Added;
    if ((a + 1) % 50 == 0) Console.WriteLine($"{a + 1} assets, {rows} rows, {watch.Elapsed.TotalSeconds:0} s");
}
var cpu = Environment.CpuUsage.TotalTime.TotalSeconds;
var bytes = new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
    {assets} assets x {days} days: {rows} rows, {rows * ScaleAsset.MetricCount} values, {incidents} incidents
    {watch.Elapsed.TotalSeconds:0} s, {cpu:0} s of CPU with the making of values: {rows * ScaleAsset.MetricCount / cpu / 1e6:0.0} M values a second of CPU
    {bytes / 1e6:0} MB: {bytes / (double)rows / ScaleAsset.MetricCount:0.00} bytes a value
    """));
return 0;
