using Microsoft.ML;
using Microsoft.ML.Data;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>A dense matrix of floats as ML.NET input, without a copy of the whole.</summary>
internal static class DenseRows
{
    public const string Features = "Features";

    /// <summary>One labelled row, as ML.NET sees it. The object is reused from row to row.</summary>
    internal sealed class Row
    {
        public bool Label;

        public float Weight;

        public float[] Features = [];
    }

    /// <summary>Rows of a matrix with label and weight.</summary>
    /// <param name="values">Row-major, <paramref name="stride"/> entries a row.</param>
    /// <param name="width">Leading columns that are used.</param>
    /// <param name="rows">The rows wanted, in this order.</param>
    /// <param name="label">One for each of <paramref name="rows"/>.</param>
    /// <param name="weight">One for each of <paramref name="rows"/>.</param>
    public static IDataView View(MLContext ml, float[] values, int stride, int width, int[] rows, bool[] label, float[] weight)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return ml.Data.LoadFromEnumerable(Read(values, stride, width, rows, label, weight), schema);
    }

    private static IEnumerable<Row> Read(float[] values, int stride, int width, int[] rows, bool[] label, float[] weight)
    {
        var row = new Row { Features = new float[width] };
        for (var i = 0; i < rows.Length; i++)
        {
            values.AsSpan(rows[i] * stride, width).CopyTo(row.Features);
            row.Label = label[i];
            row.Weight = weight[i];
            yield return row;
        }
    }
}
