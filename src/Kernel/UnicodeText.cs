using System.Text;

namespace Tenet.Kernel;

public static class UnicodeText
{
    /// <summary>
    /// As <see cref="string.Normalize(NormalizationForm)"/>, for text from outside: where that one throws, at half a surrogate pair or at
    /// U+FFFE, this one puts the replacement character.
    /// </summary>
    public static string NormalizedTo(this string text, NormalizationForm form)
    {
        if (text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') >= 0 || text.Contains('\ufffe', StringComparison.Ordinal))
        {
            var whole = new StringBuilder(text.Length);
            // Enumerating runes replaces half pairs.
            foreach (var rune in text.EnumerateRunes())
            {
                whole.Append((rune.Value == 0xfffe ? Rune.ReplacementChar : rune).ToString());
            }
            text = whole.ToString();
        }
        return text.Normalize(form);
    }
}
