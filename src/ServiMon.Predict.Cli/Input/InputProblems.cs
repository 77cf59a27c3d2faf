namespace ServiMon.Predict.Cli.Input;

/// <summary>Collects what is wrong with several inputs, so that one run lists it all.</summary>
internal sealed class InputProblems
{
    private readonly List<Problem> _problems = [];

    public void Add(string where, string what) => _problems.Add(new Problem(where, what));

    /// <summary>The value read, or null when the input is wrong.</summary>
    public T? Try<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (InputException e)
        {
            _problems.AddRange(e.Problems);
            return null;
        }
    }

    /// <exception cref="InputException">When there was any problem.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0) throw new InputException(_problems);
    }
}
