using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tenet.Kernel.Policies;

/// <summary>
/// Reads the part of YAML that a policy needs: mappings, lists and texts. Anchors, aliases, tags and several documents are refused, and depth and
/// size are bounded, so that a file cannot cost more than its length.
/// </summary>
internal sealed class PolicyYaml
{
    internal const int MaxBytes = 1_000_000;
    private const int MaxDepth = 8;

    private readonly string _file;
    private readonly Parser _parser;

    private PolicyYaml(string file, string text) => (_file, _parser) = (file, new Parser(new StringReader(text)));

    /// <exception cref="PolicyFileException">Not UTF-8, too large, not YAML, or more than a policy needs.</exception>
    public static PolicyMap Read(string file, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw Fault(file, 0, $"A policy may have {MaxBytes:N0} bytes; this one has {bytes.Length:N0}.");
        }
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw Fault(file, 0, $"Byte {e.Index + 1:N0} is not valid UTF-8. Save the file as UTF-8.");
        }
        return new PolicyYaml(file, text.TrimStart('\ufeff')).ReadDocument();
    }

    private PolicyMap ReadDocument()
    {
        try
        {
            _parser.Consume<StreamStart>();
            if (_parser.Accept<StreamEnd>(out _))
            {
                throw Fault(_file, 0, "The file is empty. A policy begins with its name: policy: crm");
            }
            _parser.Consume<DocumentStart>();
            var root = ReadNode(0);
            _parser.Consume<DocumentEnd>();
            if (!_parser.Accept<StreamEnd>(out _))
            {
                throw Fault(_file, Line(), "A file holds one policy; this one holds several documents.");
            }
            return root as PolicyMap ?? throw Fault(_file, root.Line, "A policy is a mapping that begins with its name: policy: crm");
        }
        // The parser's own way to refuse some texts.
        catch (Exception e) when (e is YamlException or InvalidOperationException)
        {
            throw Fault(
                _file,
                e is YamlException { Start.Line: var line } ? (int)line : Line(),
                "This is not valid YAML here. Look at indentation, colons and quotes."
            );
        }
    }

    private PolicyNode ReadNode(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Fault(_file, Line(), $"Nested deeper than {MaxDepth}.");
        }
        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
        {
            throw Fault(_file, Line(), "Anchors and aliases are not part of the policy language. Write the value out.");
        }
        if (_parser.Current is NodeEvent { Tag.IsEmpty: false })
        {
            throw Fault(_file, Line(), "Tags are not part of the policy language.");
        }
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return new PolicyText((int)scalar.Start.Line, scalar.Value);
        }
        if (_parser.TryConsume<SequenceStart>(out var sequence))
        {
            var items = new List<PolicyNode>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(ReadNode(depth + 1));
            }
            return new PolicyList((int)sequence.Start.Line, items);
        }
        return ReadMap(depth);
    }

    private PolicyMap ReadMap(int depth)
    {
        var start = _parser.Consume<MappingStart>();
        var entries = new List<PolicyEntry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (ReadNode(depth + 1) is not PolicyText key)
            {
                throw Fault(_file, Line(), "A key is a plain word.");
            }
            if (!keys.Add(key.Value))
            {
                throw Fault(_file, key.Line, $"“{Shown(key.Value)}” stands here twice.");
            }
            entries.Add(new PolicyEntry(key.Value, key.Line, ReadNode(depth + 1)));
        }
        return new PolicyMap((int)start.Start.Line, entries);
    }

    private int Line()
    {
        try
        {
            return (int)(_parser.Current?.Start.Line ?? 0);
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    /// <summary>At most 60 characters of what somebody wrote.</summary>
    internal static string Shown(string text) => text.Length > 60 ? text[..60] + "…" : text;

    private static PolicyFileException Fault(string file, int line, string message) => new([new PolicyFault(file, line, "", message)]);
}
