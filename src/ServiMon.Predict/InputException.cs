namespace ServiMon.Predict;

/// <summary>One thing that is wrong with what the user gave us.</summary>
/// <param name="Where">File and line (<c>samples.csv:17</c>), or file and key (<c>kafka.yaml: metrics.up.kind</c>), or option (<c>--folds</c>).</param>
/// <param name="What">What is wrong, with the value found and the allowed range.</param>
public sealed record Problem(string Where, string What)
{
    public override string ToString() => $"{Where}: {What}";
}

/// <summary>
/// Wrong usage, configuration or input data: the command line ends with exit code 2, prints one line for each problem and has
/// written nothing. Every problem that could be found is listed, not only the first.
/// </summary>
public sealed class InputException(IReadOnlyList<Problem> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public InputException(string where, string what) : this([new Problem(where, what)]) { }

    public IReadOnlyList<Problem> Problems { get; } = problems;
}
