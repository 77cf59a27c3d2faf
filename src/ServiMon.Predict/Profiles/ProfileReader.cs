using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace ServiMon.Predict.Profiles;

/// <summary>Reads profiles: YAML with the keys and ranges of docs/formats/profile.md.</summary>
public static class ProfileReader
{
    /// <summary>The longest text that is read, in UTF-16 units: ten thousand metrics written out stay below it.</summary>
    public const int LongestText = 4 * 1024 * 1024;

    /// <summary>Reads a profile from YAML text.</summary>
    /// <param name="file">The name to put in front of every problem.</param>
    /// <exception cref="InputException">With every problem found.</exception>
    public static Profile Parse(string yaml, string file) =>
        TryParse(yaml, file, out var profile, out var problems) ? profile : throw new InputException(problems);

    /// <summary>Reads a profile, or gives every problem found as <c>file:line: key: what</c>, in the order of the lines.</summary>
    public static bool TryParse(
        string yaml, string file, [NotNullWhen(true)] out Profile? profile, out IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        ArgumentNullException.ThrowIfNull(file);
        var found = new ProblemList(file);
        profile = null;
        if (yaml.Length > LongestText)
            found.Add(1, "", $"has {yaml.Length} characters; allowed: at most {LongestText}");
        else if (YamlTree.Read(yaml, found) is { } root)
        {
            if (root is YamlMap map) profile = new ProfileSection(new YamlFields(map, "", found, ProfileSection.Keys)).Read(yaml);
            else found.Add(root.Line, "", $"is {root.Kind}; expected a mapping with at least profile, step and horizons");
        }

        problems = found.InOrder();
        if (found.Count > 0) profile = null;
        return profile is not null;
    }
}
