using System.Net;
using System.Text.RegularExpressions;

namespace Tenet.Tests.Support;

/// <summary>Reads the development mailbox as a person does.</summary>
internal static partial class Mailbox
{
    /// <summary>The links in the letters to an address, newest first.</summary>
    public static async Task<List<Uri>> LinksAsync(this TestHost host, string to, CancellationToken ct)
    {
        using var client = host.Client();
        var page = await client.GetStringAsync("/dev/mail", ct);
        return
        [
            .. Letter()
                .Matches(page)
                .Select(letter => letter.Value)
                .Where(letter => letter.Contains("to " + WebUtility.HtmlEncode(to), StringComparison.Ordinal))
                .SelectMany(letter => Link().Matches(letter).Select(link => new Uri(WebUtility.HtmlDecode(link.Groups["url"].Value)))),
        ];
    }

    /// <summary>Waits for the next letter to an address: letters are written after the answer.</summary>
    public static async Task<Uri> NextLinkAsync(this TestHost host, string to, CancellationToken ct, int after = 0)
    {
        while (true)
        {
            var links = await host.LinksAsync(to, ct);
            if (links.Count > after)
            {
                return links[0];
            }
            await Task.Delay(20, ct);
        }
    }

    /// <summary>Waits for a link of one kind among the letters to an address; letters of other kinds may come before or after it.</summary>
    public static async Task<Uri> NextLinkAsync(this TestHost host, string to, string path, CancellationToken ct)
    {
        while (true)
        {
            if ((await host.LinksAsync(to, ct)).Find(link => link.AbsolutePath.StartsWith(path, StringComparison.Ordinal)) is { } link)
            {
                return link;
            }
            await Task.Delay(20, ct);
        }
    }

    [GeneratedRegex("<article.*?</article>", RegexOptions.Singleline, 1000)]
    private static partial Regex Letter();

    [GeneratedRegex("<a href=\"(?<url>[^\"]+)\"", RegexOptions.None, 1000)]
    private static partial Regex Link();
}
