using System.Text;

namespace Tenet.Knowledge.Crawling;

/// <summary>
/// A site's rules for robots (RFC 9309): groups by product token, the longest matching rule wins, Allow on a tie, * and $ in paths.
/// Only the first 500 KiB count.
/// </summary>
internal sealed class RobotsTxt
{
    public const int MostBytes = 500 * 1024;
    const int MostRules = 20_000;
    const int LongestPattern = 2_000;

    public static readonly RobotsTxt AllowAll = new([], [], null);
    public static readonly RobotsTxt DisallowAll = new([new Rule("/", Allow: false)], [], null);

    readonly Rule[] rules;

    RobotsTxt(Rule[] rules, string[] sitemaps, TimeSpan? crawlDelay)
    {
        this.rules = rules;
        Sitemaps = sitemaps;
        CrawlDelay = crawlDelay;
    }

    /// <summary>Absolute addresses as written; they stand outside all groups.</summary>
    public IReadOnlyList<string> Sitemaps { get; }

    /// <summary>Not of the standard, but meant as a limit by who writes it. At most a minute.</summary>
    public TimeSpan? CrawlDelay { get; }

    /// <param name="content">UTF-8; what is malformed is passed over.</param>
    /// <param name="product">Our product token, e.g. "TenetBot": matched without case, as a whole token.</param>
    public static RobotsTxt Parse(ReadOnlySpan<byte> content, string product)
    {
        var text = Encoding.UTF8.GetString(content[..Math.Min(content.Length, MostBytes)]).TrimStart('\uFEFF');
        var own = new Group();
        var any = new Group();
        var sitemaps = new List<string>();
        var current = new List<Group>(2);
        var namesAgents = false;
        foreach (var rawLine in text.AsSpan().EnumerateLines())
        {
            var (key, value) = Split(rawLine);
            if (key.Equals("user-agent", StringComparison.OrdinalIgnoreCase))
            {
                if (!namesAgents)
                    current.Clear();
                namesAgents = true;
                if (ProductToken(value).Equals(product, StringComparison.OrdinalIgnoreCase))
                    Join(current, own);
                else if (value is "*")
                    Join(current, any);
            }
            else if (key.Equals("allow", StringComparison.OrdinalIgnoreCase) || key.Equals("disallow", StringComparison.OrdinalIgnoreCase))
            {
                namesAgents = false;
                AddRule(current, value, allow: key.Length == 5);
            }
            else if (key.Equals("crawl-delay", StringComparison.OrdinalIgnoreCase))
            {
                namesAgents = false;
                if (double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e9)
                    current.ForEach(g => g.Delay = TimeSpan.FromSeconds(Math.Min(seconds, 60)));
            }
            else if (key.Equals("sitemap", StringComparison.OrdinalIgnoreCase) && value.Length > 0 && sitemaps.Count < 100)
                sitemaps.Add(value.ToString());
        }
        var ours = own.Named ? own : any;
        return new RobotsTxt([.. ours.Rules], [.. sitemaps], ours.Delay);
    }

    /// <param name="pathAndQuery">As in the request line, percent-encoded.</param>
    public bool Allows(string pathAndQuery)
    {
        if (rules.Length == 0 || pathAndQuery is "/robots.txt")
            return true;
        var path = NormalEscapes(pathAndQuery);
        var (longest, allowed) = (-1, true);
        foreach (var rule in rules)
        {
            if (rule.Pattern.Length < longest || (rule.Pattern.Length == longest && !rule.Allow) || !Matches(rule.Pattern, path))
                continue;
            (longest, allowed) = (rule.Pattern.Length, rule.Allow);
        }
        return allowed;
    }

    static Line Split(ReadOnlySpan<char> line)
    {
        var comment = line.IndexOf('#');
        if (comment >= 0)
            line = line[..comment];
        var colon = line.IndexOf(':');
        return colon < 0 ? default : new Line(line[..colon].Trim(), line[(colon + 1)..].Trim());
    }

    static ReadOnlySpan<char> ProductToken(ReadOnlySpan<char> value)
    {
        var end = 0;
        while (end < value.Length && (char.IsAsciiLetter(value[end]) || value[end] is '_' or '-'))
            end++;
        return value[..end];
    }

    static void Join(List<Group> current, Group group)
    {
        group.Named = true;
        if (!current.Contains(group))
            current.Add(group);
    }

    static void AddRule(List<Group> groups, ReadOnlySpan<char> value, bool allow)
    {
        if (value.Length is 0 or > LongestPattern || value[0] is not ('/' or '*'))
            return;
        foreach (var group in groups)
        {
            if (group.Rules.Count < MostRules)
                group.Rules.Add(new Rule(NormalEscapes(value.ToString()), allow));
        }
    }

    /// <summary>Escapes in upper case, escaped unreserved characters as themselves, others outside ASCII escaped: both sides compare alike.</summary>
    static string NormalEscapes(string path)
    {
        if (path.AsSpan().IndexOf('%') < 0 && Ascii.IsValid(path))
            return path;
        var bytes = Encoding.UTF8.GetBytes(path);
        var normal = new StringBuilder(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            var value = bytes[i];
            var isEscape =
                value == '%'
                && i + 2 < bytes.Length
                && char.IsAsciiHexDigit((char)bytes[i + 1])
                && char.IsAsciiHexDigit((char)bytes[i + 2]);
            if (isEscape)
            {
                value = Convert.FromHexString(Encoding.ASCII.GetString(bytes, i + 1, 2))[0];
                i += 2;
            }
            var unreserved = char.IsAsciiLetterOrDigit((char)value) || (char)value is '-' or '.' or '_' or '~';
            if (unreserved || (!isEscape && value < 128))
                normal.Append((char)value);
            else
                normal.Append('%').Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return normal.ToString();
    }

    /// <summary>Greedy with one step back: linear in practice, never exponential.</summary>
    static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        var anchored = pattern.Length > 0 && pattern[^1] == '$';
        if (anchored)
            pattern = pattern[..^1];
        int p = 0,
            s = 0,
            star = -1,
            from = 0;
        while (true)
        {
            if (p == pattern.Length && (!anchored || s == path.Length))
                return true;
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                from = s;
            }
            else if (p < pattern.Length && s < path.Length && pattern[p] == path[s])
            {
                p++;
                s++;
            }
            else if (star >= 0 && from < path.Length)
            {
                p = star + 1;
                s = ++from;
            }
            else
                return false;
        }
    }

    readonly record struct Rule(string Pattern, bool Allow);

    readonly ref struct Line(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        readonly ReadOnlySpan<char> key = key;
        readonly ReadOnlySpan<char> value = value;

        public void Deconstruct(out ReadOnlySpan<char> left, out ReadOnlySpan<char> right)
        {
            left = key;
            right = value;
        }
    }

    sealed class Group
    {
        public List<Rule> Rules { get; } = [];
        public TimeSpan? Delay { get; set; }
        public bool Named { get; set; }
    }
}
