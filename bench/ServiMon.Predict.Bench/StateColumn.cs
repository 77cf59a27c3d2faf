using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using ServiMon.Predict.Evidence;

namespace ServiMon.Predict.Bench;

/// <summary><see cref="EvidenceModel.StateBytes"/> divided by the number of metrics, for a benchmark that has a MetricCount.</summary>
internal sealed class StateColumn : IColumn
{
    public string Id => nameof(StateColumn);

    public string ColumnName => "State B/metric";

    public string Legend => "Bytes of state of one asset, divided by its metrics";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        var metricCount = (int)benchmarkCase.Parameters[nameof(EvidenceStep.MetricCount)];
        var model = new EvidenceModel(BenchFleet.ProfileOf(metricCount));
        return ((double)model.StateBytes / metricCount).ToString("0", CultureInfo.InvariantCulture);
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    /// <summary>The configuration that adds it.</summary>
    public sealed class Config : ManualConfig
    {
        public Config() => AddColumn(new StateColumn());
    }
}
