using System.Text.RegularExpressions;

namespace ServiMon.Predict.House;

/// <summary>Rules of style that a reader would otherwise have to watch over.</summary>
public sealed partial class TidyTests
{
    /// <summary>Files over the limit of length, each with the reason.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    /// <summary>Terms of the domain that contain a banned word.</summary>
    private static readonly string[] DomainTerms = ["BaseRate"];

    private static readonly string[] BannedWords =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Base", "Abstractions", "Processor", "Data", "Info"];

    [Fact]
    public void Code_files_are_short()
    {
        var lengths = SourceTree.CodeFiles.Select(f => (File: f, Lines: SourceTree.ReadLines(f).Length)).OrderBy(f => f.Lines).ToList();

        Assert.True(lengths[lengths.Count / 2].Lines <= 120, $"the median file has {lengths[lengths.Count / 2].Lines} lines, at most 120 are allowed");
        var tall = lengths[(lengths.Count * 9 / 10)..].Where(f => f.Lines > 300).Select(f => $"{f.File}: {f.Lines}").ToList();
        Assert.True(lengths[lengths.Count * 9 / 10].Lines <= 300, Report("more than a tenth of the files have over 300 lines", tall));
        AssertNone("files over 500 lines", lengths.Where(f => f.Lines > 500 && !LongFiles.ContainsKey(f.File)).Select(f => $"{f.File}: {f.Lines}"));
        AssertNone("exceptions that are not needed any more", LongFiles.Keys.Where(f => !lengths.Any(l => l.File == f && l.Lines > 500)));
    }

    [Fact]
    public void Nothing_is_left_to_be_done_later() => AssertNone("notes of unfinished work", LinesMatching(SourceTree.TextFiles, Unfinished()));

    [Fact]
    public void No_file_names_a_folder_of_one_machine() => AssertNone("absolute paths", LinesMatching(SourceTree.TextFiles, MachinePath()));

    [Fact]
    public void Type_names_say_what_the_type_does()
    {
        var odd = SourceTree.Types(SourceTree.CodeFiles).Where(t => HasBannedWord(t.Name)).ToList();

        AssertNone("names with a word that says nothing", odd.Select(t => $"{t.Where}: {t.Name}"));
    }

    [Theory]
    [InlineData("ModelManager", true)]
    [InlineData("BaseSeries", true)]
    [InlineData("BaseRatePosterior", false)]
    [InlineData("Baseline", false)]
    [InlineData("DatabaseNode", false)]
    [InlineData("MetaData2", true)]
    public void Banned_words_are_whole_words(string name, bool banned) => Assert.Equal(banned, HasBannedWord(name));

    [Fact]
    public void Every_public_type_is_documented() => AssertNone("public types without a doc comment",
        SourceTree.Types(SourceTree.CodeFiles.Where(f => f.StartsWith("src/", StringComparison.Ordinal)))
            .GroupBy(t => (t.Project, t.Name))
            .Where(parts => parts.Any(t => t.IsPublic) && !parts.Any(t => t.HasDocumentation))
            .Select(parts => $"{parts.First().Where}: {parts.Key.Name}"));

    internal static void AssertNone(string what, IEnumerable<string> found)
    {
        var list = found.ToList();
        Assert.True(list.Count == 0, Report(what, list));
    }

    private static string Report(string what, List<string> found) => $"{what} ({found.Count}):\n  {string.Join("\n  ", found)}";

    private static bool HasBannedWord(string name)
    {
        foreach (var term in DomainTerms) name = name.Replace(term, "", StringComparison.Ordinal);
        return CamelWord().Matches(name).Any(word => BannedWords.Contains(word.Value));
    }

    private static IEnumerable<string> LinesMatching(IEnumerable<string> files, Regex pattern) =>
        from file in files
        from line in SourceTree.ReadLines(file).Select((text, index) => (Text: text, Number: index + 1))
        where pattern.IsMatch(line.Text)
        select $"{file}:{line.Number}: {line.Text.Trim()[..Math.Min(line.Text.Trim().Length, 100)]}";

    // The bracketed letters keep these two patterns from finding themselves.
    [GeneratedRegex(@"\b(TOD[O]|FIXM[E]|XX[X])\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(?<![\w.)}\]/-])/(wor[k]|roo[t]|hom[e]|User[s])/")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"[A-Z]+(?![a-z])|[A-Z][a-z]*")]
    private static partial Regex CamelWord();
}
