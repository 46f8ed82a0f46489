using System.Text.RegularExpressions;

namespace Tenet.Kernel.Telemetry;

/// <summary>The second net under texts that may be logged: addresses of people, secrets in URLs and settings, bearer tokens.</summary>
internal static partial class TextScrub
{
    private const int MaxLength = 16_000;

    /// <returns>The same text when there was nothing to take out.</returns>
    public static string Scrub(string text)
    {
        if (text.Length > MaxLength)
        {
            text = text[..MaxLength] + "…";
        }
        try
        {
            text = Url().Replace(text, "${scheme}${host}/…");
            text = Secret().Replace(text, "${what}[secret]");
            return Email().Replace(text, "[email]");
        }
        catch (RegexMatchTimeoutException)
        {
            return Redactor.Text;
        }
    }

    // Scheme and host stay; user, path and query, in which tokens stand, go.
    [GeneratedRegex(
        @"\b(?<scheme>https?://)([^\s/?#@""'<>]*@)?(?<host>[\w.\-:\[\]]+)[/?#][^\s""'<>]+",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Url();

    [GeneratedRegex(
        @"\b(?<what>(password|passwd|pwd|secret|token|api[_-]?key|signature|authorization|cookie)[""']?\s*[=:]\s*(bearer\s+|basic\s+)?|bearer\s+)[^\s;,&""']+",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Secret();

    [GeneratedRegex(@"[\w.+\-']{1,64}@[\w\-]+(\.[\w\-]+)+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Email();
}
