using System.Buffers.Binary;
using System.Text;

namespace Tenet.Kernel.Audit.Checkpoints;

/// <param name="KeyId">Four bytes, big endian.</param>
internal sealed record NoteSignature(string KeyName, uint KeyId, byte[] Bytes)
{
    public override string ToString()
    {
        var bytes = new byte[4 + Bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Bytes.CopyTo(bytes, 4);
        return $"— {KeyName} {Convert.ToBase64String(bytes)}\n";
    }
}

/// <summary>A text with signatures below it, as C2SP's signed-note v1 has it. Reading one says nothing yet about who signed it.</summary>
/// <param name="Text">Ends with a line feed, which is signed too.</param>
internal sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    private const int MaxLength = 100_000;
    private const int MaxSignatures = 32;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public byte[] Bytes => Strict.GetBytes(Text);

    public override string ToString() => Text + "\n" + string.Concat(Signatures);

    /// <exception cref="FormatException">The text is no note; the message says where.</exception>
    public static SignedNote Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new FormatException("The note is longer than a note may be.");
        }
        if (text.Any(c => c < ' ' && c != '\n'))
        {
            throw new FormatException("The note contains a control character.");
        }
        var end = text.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !text.EndsWith('\n') || end + 2 == text.Length)
        {
            throw new FormatException("The note has no signatures below an empty line.");
        }
        try
        {
            Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new FormatException("The note is not valid Unicode.", e);
        }
        var lines = text[(end + 2)..^1].Split('\n');
        return lines.Length <= MaxSignatures
            ? new SignedNote(text[..(end + 1)], [.. lines.Select(ParseSignature)])
            : throw new FormatException("The note has too many signatures.");
    }

    public static bool IsKeyName(string name) => name.Length > 0 && !name.Any(c => c == '+' || char.IsWhiteSpace(c) || char.IsControl(c));

    private static NoteSignature ParseSignature(string line)
    {
        var parts = line.Split(' ');
        if (parts is not ["—", var name, var text] || !IsKeyName(name))
        {
            throw new FormatException("A signature line of the note is not of the form “— name signature”.");
        }
        var bytes = Base64(text);
        return bytes.Length > 4
            ? new NoteSignature(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[4..])
            : throw new FormatException("A signature of the note is too short.");
    }

    /// <summary>Standard base64 that has one spelling only: the same bytes cannot stand in two different texts.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static byte[] Base64(string text)
    {
        var bytes = new byte[text.Length / 4 * 3];
        return
            Convert.TryFromBase64String(text, bytes, out var length)
            && Convert.ToBase64String(bytes, 0, length).Equals(text, StringComparison.Ordinal)
            ? bytes[..length]
            : throw new FormatException("This is not base64.");
    }
}
