using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace ServiMon.Predict.Bench;

/// <summary>The bytes of state of one asset divided by its metrics, for a benchmark that has a MetricCount.</summary>
/// <param name="bytesOf">Bytes of an asset by the benchmark's method and the number of its metrics.</param>
internal sealed class StateColumn(Func<string, int, int> bytesOf) : IColumn
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
        var metricCount = (int)benchmarkCase.Parameters["MetricCount"];
        return ((double)bytesOf(benchmarkCase.Descriptor.WorkloadMethod.Name, metricCount) / metricCount).ToString("0", CultureInfo.InvariantCulture);
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
}
