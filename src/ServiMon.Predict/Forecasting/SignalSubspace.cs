using System.Numerics.Tensors;

namespace ServiMon.Predict.Forecasting;

/// <summary>
/// What continues a series whose windows lie in a subspace: u_1 .. u_r orthonormal of L entries. With pi their last entries and nu^2 = |pi|^2,
/// the recurrence is R = sum of pi_i u_i without its last entry, over 1 - nu^2 (Golyandina, Nekrutkin and Zhigljavsky 2001, eq. 2.1).
/// </summary>
internal sealed class SignalSubspace
{
    /// <summary>Above this verticality no recurrence exists to speak of; the coefficients would be rounding errors blown up.</summary>
    private const double MostVertical = 1 - 1e-9;

    /// <summary>A continuation stays within this many times the past's largest value: an explosive root must not run away.</summary>
    private const double Reach = 2;

    private readonly double[][] _vectors;
    private readonly double[] _recurrence;
    private readonly double[] _shift;

    public SignalSubspace(double[][] vectors)
    {
        _vectors = vectors;
        WindowLength = vectors[0].Length;
        var vertical = vectors.Sum(u => u[^1] * u[^1]);
        var rest = 1 - Math.Min(vertical, MostVertical);
        _recurrence = new double[WindowLength - 1];
        foreach (var u in vectors)
            TensorPrimitives.MultiplyAdd<double>(u.AsSpan(0, WindowLength - 1), u[^1] / rest, _recurrence, _recurrence);

        // A = (I + pi pi' / (1 - nu^2)) U1' U2: U1 without the last row, U2 without the first.
        var r = vectors.Length;
        _shift = new double[r * r];
        for (var j = 0; j < r; j++)
        {
            for (var i = 0; i < r; i++)
                _shift[i * r + j] = TensorPrimitives.Dot<double>(vectors[i].AsSpan(0, WindowLength - 1), vectors[j].AsSpan(1));
            var along = 0.0;
            for (var i = 0; i < r; i++) along += vectors[i][^1] * _shift[i * r + j];
            for (var i = 0; i < r; i++) _shift[i * r + j] += vectors[i][^1] * along / rest;
        }
    }

    /// <summary>L.</summary>
    public int WindowLength { get; }

    /// <summary>The next values by the recurrence.</summary>
    /// <param name="past">At least L - 1 entries.</param>
    /// <param name="horizon">Steps.</param>
    public double[] Recur(ReadOnlySpan<double> past, int horizon)
    {
        var bound = Reach * Largest(past);
        var line = new double[WindowLength - 1 + horizon];
        past[^(WindowLength - 1)..].CopyTo(line);
        for (var h = 0; h < horizon; h++)
            line[WindowLength - 1 + h] = Math.Clamp(TensorPrimitives.Dot<double>(line.AsSpan(h, WindowLength - 1), _recurrence), -bound, bound);
        return line[(WindowLength - 1)..];
    }

    /// <summary>The next values from the windows, continued in the subspace by the shift A, each step the mean over the windows that hold it.</summary>
    /// <param name="past">At least L entries.</param>
    /// <param name="horizon">Steps.</param>
    public double[] Continue(ReadOnlySpan<double> past, int horizon)
    {
        var bound = Reach * Largest(past);
        var result = new double[horizon];
        var state = State(past);
        var window = new double[WindowLength];
        for (var w = 1; w <= WindowLength - 1 + horizon; w++)
        {
            state = Shifted(state);
            Array.Clear(window);
            for (var i = 0; i < state.Length; i++) TensorPrimitives.MultiplyAdd<double>(_vectors[i], state[i], window, window);
            // This window's first entry stands at step w - L of the future; 0 is the first.
            for (var h = Math.Max(0, w - WindowLength); h < Math.Min(horizon, w); h++) result[h] += window[h - w + WindowLength] / WindowLength;
        }

        for (var h = 0; h < horizon; h++) result[h] = Math.Clamp(result[h], -bound, bound);
        return result;
    }

    /// <summary>The coordinates of the last window.</summary>
    public double[] State(ReadOnlySpan<double> past)
    {
        var state = new double[_vectors.Length];
        for (var i = 0; i < state.Length; i++) state[i] = TensorPrimitives.Dot<double>(past[^WindowLength..], _vectors[i]);
        return state;
    }

    /// <summary>The coordinates one step on.</summary>
    public double[] Shifted(double[] state)
    {
        var next = new double[state.Length];
        for (var i = 0; i < next.Length; i++) next[i] = TensorPrimitives.Dot<double>(_shift.AsSpan(i * state.Length, state.Length), state);
        return next;
    }

    /// <summary>The newest entry of the window with these coordinates.</summary>
    public double Newest(double[] state)
    {
        var value = 0.0;
        for (var i = 0; i < state.Length; i++) value += state[i] * _vectors[i][^1];
        return value;
    }

    private static double Largest(ReadOnlySpan<double> values)
    {
        var largest = 0.0;
        foreach (var value in values) largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }
}
