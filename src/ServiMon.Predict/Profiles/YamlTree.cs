using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ServiMon.Predict.Profiles;

/// <summary>A YAML document with the line of every node. Unlike a dictionary it keeps duplicate keys, so that all of them can be reported.</summary>
internal abstract record YamlTree(int Line)
{
    /// <summary>Deeper nesting than any profile has; keeps hostile files from exhausting the stack.</summary>
    private const int DeepestNesting = 16;

    /// <summary>The root of the only document, or null after adding the problem that prevents reading.</summary>
    public static YamlTree? Read(string yaml, ProblemList problems)
    {
        var parser = new Parser(new StringReader(yaml));
        try
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _)) return Refuse(1, "the file is empty");
            var root = Node(parser, [], 0);
            parser.Consume<DocumentEnd>();
            if (parser.TryConsume<DocumentStart>(out var second))
                return Refuse((int)second.Start.Line, "a second document starts here; a file holds exactly one profile");
            return root.IsNull ? Refuse(1, "the file is empty") : root;
        }
        catch (YamlException error)
        {
            return Refuse((int)error.Start.Line, "not valid YAML: " + error.Message.ReplaceLineEndings(" "));
        }

        catch (InvalidOperationException)
        {
            // The parser loses its state on some damaged flow mappings instead of reporting them.
            return Refuse((int)(parser.Current?.End.Line ?? 1), "not valid YAML: brackets, braces or quotes that do not match");
        }

        YamlTree? Refuse(int line, string what)
        {
            problems.Add(line, "", what);
            return null;
        }
    }

    /// <summary>True for an empty value, <c>~</c> and <c>null</c>.</summary>
    public bool IsNull => this is YamlText { Plain: true, Value: "" or "~" or "null" };

    /// <summary>What the node is, for messages about the wrong type.</summary>
    public string Kind => this switch
    {
        YamlMap => "a mapping",
        YamlList => "a list",
        YamlText when IsNull => "nothing",
        YamlText text => $"'{text.Value}'",
        _ => "an unknown node",
    };

    private static YamlTree Node(IParser parser, Dictionary<AnchorName, YamlTree> anchors, int depth)
    {
        var first = parser.Consume<ParsingEvent>();
        if (depth > DeepestNesting)
            throw new YamlException(first.Start, first.End, $"nested deeper than {DeepestNesting} levels");
        var line = (int)first.Start.Line;
        YamlTree tree;
        switch (first)
        {
            case AnchorAlias alias:
                return anchors.TryGetValue(alias.Value, out var known)
                    ? known
                    : throw new YamlException(first.Start, first.End, $"the alias *{alias.Value} names no anchor before it");
            case Scalar scalar:
                tree = new YamlText(scalar.Value, scalar.Style == ScalarStyle.Plain, line);
                break;
            case SequenceStart:
                var items = ImmutableArray.CreateBuilder<YamlTree>();
                while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Node(parser, anchors, depth + 1));
                tree = new YamlList(items.ToImmutable(), line);
                break;
            default:
                var entries = ImmutableArray.CreateBuilder<YamlEntry>();
                while (!parser.TryConsume<MappingEnd>(out _))
                {
                    var key = Node(parser, anchors, depth + 1) as YamlText
                              ?? throw new YamlException(first.Start, first.End, "a mapping with a key that is not plain text");
                    entries.Add(new YamlEntry(key.Value, key.Line, Node(parser, anchors, depth + 1)));
                }

                tree = new YamlMap(entries.ToImmutable(), line);
                break;
        }

        if (first is NodeEvent { Anchor.IsEmpty: false } named) anchors[named.Anchor] = tree;
        return tree;
    }
}

internal sealed record YamlText(string Value, bool Plain, int Line) : YamlTree(Line);

internal sealed record YamlList(ImmutableArray<YamlTree> Items, int Line) : YamlTree(Line);

internal sealed record YamlMap(ImmutableArray<YamlEntry> Entries, int Line) : YamlTree(Line);

internal readonly record struct YamlEntry(string Key, int Line, YamlTree Value);
