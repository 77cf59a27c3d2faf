using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace ServiMon.Predict.Storage.Cassandra.Mapping;

/// <summary>A CQL query with placeholders for what is asked: <c>{asset}</c>, <c>{metric}</c>, <c>{bucket}</c>, <c>{from}</c>, <c>{to}</c>.</summary>
/// <param name="Cql">The query with a question mark for each placeholder.</param>
/// <param name="Names">The placeholders in their order.</param>
public sealed partial record QueryTemplate(string Cql, ImmutableArray<string> Names)
{
    /// <summary>What may stand in braces.</summary>
    public static readonly ImmutableArray<string> Known = ["asset", "metric", "bucket", "from", "to"];

    public static QueryTemplate Parse(string text) =>
        new(Placeholder().Replace(text, "?"), [.. Placeholder().Matches(text).Select(m => m.Groups["name"].Value)]);

    public bool Has(string name) => Names.Contains(name);

    [GeneratedRegex(@"\{(?<name>\w*)\}")]
    private static partial Regex Placeholder();
}
