using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Which entries somebody asks for, as it stands in an address. Empty means all.</summary>
/// <param name="Action">Such as <c>member.invited</c>.</param>
/// <param name="Actor">A kind of actor (<c>member</c>, <c>assistant</c>), or one of them: <c>member:ID</c>.</param>
/// <param name="Subject">The id of what was acted on.</param>
/// <param name="From">A day or a moment; a day begins at midnight UTC.</param>
/// <param name="Until">A day, which counts as a whole, or a moment.</param>
/// <param name="Entry">The id of a single entry.</param>
internal sealed record AuditQuery(string? Action, string? Actor, string? Subject, string? From, string? Until, string? Entry)
{
    public static readonly AuditQuery All = new(null, null, null, null, null, null);

    public bool IsAll => ToPairs().Count == 0;

    /// <exception cref="RuleException">Names each field that cannot be read.</exception>
    public AuditFilter ToFilter()
    {
        var validation = new Validation();
        var (kind, actor) = Kind(validation);
        var filter = new AuditFilter
        {
            Action = Text(Action),
            ActorKind = kind,
            ActorId = actor,
            SubjectId = Id(validation, "subject", Subject),
            EntryId = Id(validation, "entry", Entry),
            From = Moment(validation, "from", From, 0),
            Until = Moment(validation, "until", Until, 1),
        };
        validation.Throw();
        return filter;
    }

    /// <summary>The address of an export of the same entries.</summary>
    public string ExportAddress(string format) => QueryHelpers.AddQueryString("/api/audit/export", [.. ToPairs(), new("format", format)]);

    private List<KeyValuePair<string, string?>> ToPairs()
    {
        KeyValuePair<string, string?>[] all =
        [
            new("action", Action),
            new("actor", Actor),
            new("subject", Subject),
            new("from", From),
            new("until", Until),
            new("entry", Entry),
        ];
        return [.. all.Where(pair => Text(pair.Value) is not null)];
    }

    private (ActorKind? Kind, Guid? Id) Kind(Validation validation)
    {
        if (Text(Actor) is not { } actor)
        {
            return (null, null);
        }
        var parts = actor.Split(':', 2);
        var known = Enum.TryParse<ActorKind>(parts[0], ignoreCase: true, out var kind) && !char.IsDigit(parts[0][0]);
        validation.Check(known, "actor", "One of member, visitor, assistant, operator, key, system, or member:ID, please.");
        return (kind, parts.Length > 1 ? Id(validation, "actor", parts[1]) : null);
    }

    private static Guid? Id(Validation validation, string field, string? text)
    {
        if (Text(text) is not { } given)
        {
            return null;
        }
        var known = Guid.TryParse(given, out var id);
        validation.Check(known, field, "An id, please: 32 hexadecimal digits in five groups.");
        return id;
    }

    private static DateTimeOffset? Moment(Validation validation, string field, string? text, int daysMore)
    {
        if (Text(text) is not { } given)
        {
            return null;
        }
        if (DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day < DateOnly.MaxValue ? new DateTimeOffset(day.AddDays(daysMore), TimeOnly.MinValue, TimeSpan.Zero) : null;
        }
        var known = DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment);
        validation.Check(known, field, "A day such as 2026-11-21, or a moment such as 2026-11-21T08:30:00Z, please.");
        return moment;
    }

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
