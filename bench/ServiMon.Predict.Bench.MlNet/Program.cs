using ServiMon.Predict.Bench;
using ServiMon.Predict.Bench.MlNet;
using ServiMon.Predict.TimeSeries;

switch (args)
{
    case ["coverage", .. var rest]:
        IntervalCoverage.Run(rest, IntervalCoverage.Ours.Append(new("mlnet", (ticks, values, horizon, level) => MlNetForecaster.Forecast(ticks, values, horizon, level).Forecast)));
        break;
    case ["streaming"]:
        Streaming.Run();
        break;
    case ["fit"]:
        Fitting.Run();
        break;
    case ["gap"]:
        AfterGap.Run();
        break;
    default:
        Console.Error.WriteLine("streaming, fit, gap, or coverage [--series N --count N --horizon N --seed N --only KIND --method family|live|mlnet]");
        return 2;
}

return 0;
