namespace ServiMon.Predict.Training.Tests.Notebooks;

/// <summary>What the notebook kernel offers for showing things, as far as notebooks here use it.</summary>
public static class NotebookDisplay
{
    private static readonly AsyncLocal<List<(string Kind, string Text)>?> Current = new();

    /// <summary>What was shown since <see cref="Begin"/>, in order.</summary>
    internal static IReadOnlyList<(string Kind, string Text)> Shown => Current.Value ?? [];

    /// <summary>Shows a text as a kind of content, such as <c>text/html</c>.</summary>
    public static void DisplayAs(this string text, string kind) => Add(kind, text);

    internal static void Begin() => Current.Value = [];

    internal static void Add(string kind, string text) => Current.Value!.Add((kind, text));
}
