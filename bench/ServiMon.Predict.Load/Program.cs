using System.CommandLine;
using ServiMon.Predict.Load;

var formats = new Option<string[]>("--format") { Description = "prometheus-json, telegraf-json, servimon", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["prometheus-json", "telegraf-json", "servimon"] };
var metrics = new Option<int[]>("--metrics") { Description = "Metrics of an asset", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [3, 20, 114] };
var perStep = new Option<int[]>("--samples-per-step") { Description = "Samples of a metric in a step", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 10] };
var seconds = new Option<double>("--for") { Description = "Seconds that are measured, after half as many to warm up", DefaultValueFactory = _ => 20 };
var series = new Option<int>("--series") { Description = "Metrics of all assets", DefaultValueFactory = _ => 20_000 };

var keep = new Option<string?>("--keep") { Description = "Folder in which trained models are kept from one run to the next" };

LoadFleet FleetOf(ParseResult parsed, int count) => new(count, Math.Max(1, parsed.GetValue(series) / count), 10) { Kept = parsed.GetValue(keep) };

var max = new Command("max", "Samples a second of the service's CPU, with as many as it can take") { formats, metrics, perStep, seconds, series, keep };
max.SetAction(async (parsed, ct) =>
{
    foreach (var format in parsed.GetValue(formats)!)
        foreach (var count in parsed.GetValue(metrics)!)
            foreach (var samples in parsed.GetValue(perStep)!)
                await FullLoad.RunAsync(FleetOf(parsed, count), format, samples, TimeSpan.FromSeconds(parsed.GetValue(seconds)), Console.Error, ct);
});

var path = new Command("path", "The hot path in this process, without a broker: where its time goes") { formats, metrics, perStep, seconds, series, keep };
path.SetAction(async (parsed, ct) =>
{
    foreach (var format in parsed.GetValue(formats)!)
        foreach (var count in parsed.GetValue(metrics)!)
            foreach (var samples in parsed.GetValue(perStep)!)
                await HotPath.RunAsync(FleetOf(parsed, count), format, samples, TimeSpan.FromSeconds(parsed.GetValue(seconds)), Console.Error, ct);
});

return await new RootCommand("Load on the real service: a producer with a mock broker in this process, servimon serve in another") { max, path }.Parse(args).InvokeAsync();
