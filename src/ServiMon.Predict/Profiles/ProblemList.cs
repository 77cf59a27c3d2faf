namespace ServiMon.Predict.Profiles;

/// <summary>The problems of one file, in the order of its lines.</summary>
internal sealed class ProblemList(string file)
{
    private readonly List<(int Line, Problem Problem)> _found = [];

    public int Count => _found.Count;

    /// <param name="key">The path of the key, such as <c>metrics.up.kind</c>; empty for the file as a whole.</param>
    public void Add(int line, string key, string what)
    {
        var where = key.Length == 0 ? $"{file}:{line}" : $"{file}:{line}: {key}";
        _found.Add((line, new Problem(where, what)));
    }

    public IReadOnlyList<Problem> InOrder() => [.. _found.OrderBy(f => f.Line).Select(f => f.Problem)];
}
