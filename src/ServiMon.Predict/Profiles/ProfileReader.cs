namespace ServiMon.Predict.Profiles;

/// <summary>Profiles from YAML text.</summary>
public static class ProfileReader
{
    /// <summary>Reads a profile from YAML text.</summary>
    /// <param name="file">The name to put in front of every problem.</param>
    /// <exception cref="InputException">With every problem found.</exception>
    public static Profile Parse(string yaml, string file) => throw new NotImplementedException();
}

/// <summary>What a profile leaves out, guessed from the names of the data's columns.</summary>
public static class ProfileInference
{
    /// <summary>Adds the metrics that the profile does not name, with kind, group, role and limit guessed from the columns' names.</summary>
    public static Profile Complete(Profile profile, IReadOnlyList<string> columns) => throw new NotImplementedException();
}
