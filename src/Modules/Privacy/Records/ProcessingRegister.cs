using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Recipients;

namespace Tenet.Privacy.Records;

/// <summary>
/// Draws up the record of processing from what the system runs on: the data map says what is stored and why, the policy says on which basis and as
/// whose, the settings say who receives it.
/// </summary>
internal sealed class ProcessingRegister(DataMap map, RecipientList list, HostsInUse hosts, PolicyBook book, OperatorOptions options)
{
    // By the part of the database that a table lies in.
    private static readonly (string Schema, string Who)[] Subjects =
    [
        ("accounts", "members of the team"),
        ("inbox", "visitors of the website"),
        ("assistant", "visitors of the website"),
        ("knowledge", "people named on the pages that are read"),
        ("audit", "members of the team"),
    ];

    // Which purpose a host serves, by what it is called for; the rest serve all.
    private static readonly (string Host, string Purpose)[] Served =
    [
        ("models", Purpose.Assistance),
        ("mail", Purpose.Notification),
        ("error", Purpose.Operations),
        ("telemetry", Purpose.Operations),
        ("audit", Purpose.Accountability),
    ];

    private static readonly string[] Measures =
    [
        "isolation",
        "envelope_encryption",
        "transport",
        "token_lifetime",
        "rate_limit",
        "log_contents",
        "owner_only",
        "audit_per_action",
        "retention",
    ];

    public async Task<ProcessingRecords> OfAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var policy = await book.OfAsync(ctx.WorkspaceId, ct);
        var name = await ctx.ScalarAsync<string>($"select name from kernel.workspace", ct) ?? "";
        List<HostInUse> used = [.. await hosts.OfDeploymentAsync(ct), .. await hosts.OfWorkspaceAsync(ctx, ct)];
        var listed = list.Of(policy);
        var bases = policy
            .Claims.Where(found => found.Claim.Kind.Name == "legal_basis")
            .GroupBy(found => found.Claim.Text("purpose"), StringComparer.Ordinal)
            .ToDictionary(found => found.Key, found => found.Last().Claim, StringComparer.Ordinal);
        var activities = map
            .Tables.GroupBy(table => table.Purpose, StringComparer.Ordinal)
            .OrderBy(purpose => PurposeText.Of(purpose.Key), StringComparer.Ordinal)
            .Select(purpose =>
                (
                    Role: bases.GetValueOrDefault(purpose.Key)?.Text("role"),
                    Activity: Activity(purpose.Key, [.. purpose], bases.GetValueOrDefault(purpose.Key), used, listed)
                )
            )
            .ToList();
        return new ProcessingRecords(
            name,
            policy.Name,
            policy.Version,
            policy.Effective,
            new ResponsibleParty(options.Name, options.Address, options.Mail, options.DataProtectionOfficer),
            [.. activities.Where(found => found.Role != "processor").Select(found => found.Activity)],
            [.. activities.Where(found => found.Role == "processor").Select(found => found.Activity)],
            [
                .. policy
                    .Promises.Where(promise =>
                        promise.Awaits is null && promise.Claims.Any(claim => Measures.Contains(claim.Kind.Name, StringComparer.Ordinal))
                    )
                    .Select(promise => promise.Says),
            ]
        );
    }

    private ProcessingActivity Activity(
        string purpose,
        IReadOnlyList<TableMap> tables,
        Claim? basis,
        IReadOnlyList<HostInUse> used,
        IReadOnlyList<Recipient> listed
    )
    {
        var personal = tables.Where(table => table.Columns.Any(column => column.Category is not null)).ToList();
        return new ProcessingActivity(
            purpose,
            PurposeText.Of(purpose),
            basis?.Text("basis"),
            Distinct(personal.Select(table => Array.Find(Subjects, known => known.Schema == table.Schema).Who ?? "members of the team")),
            Distinct(personal.SelectMany(table => table.Columns).Select(column => column.Category).OfType<string>()),
            Distinct(tables.Select(table => map.RetentionRules.GetValueOrDefault(table.Keep, table.Keep))),
            Distinct(used.Where(host => Serves(host, purpose)).Select(host => Named(host, listed))),
            Distinct(tables.Select(table => table.Table)),
            tables.SelectMany(table => table.Columns).Count(column => column.Class == DataClass.Sealed)
        );
    }

    private static bool Serves(HostInUse host, string purpose) =>
        Array.Find(Served, known => host.Purpose.StartsWith(known.Host, StringComparison.Ordinal)).Purpose is not { } served
        || served == purpose;

    private static string Named(HostInUse host, IReadOnlyList<Recipient> listed) =>
        listed.FirstOrDefault(recipient => recipient.Covers(host.Host)) is { } recipient
            ? $"{recipient.Name} ({recipient.Region})"
            : host.Host;

    private static List<string> Distinct(IEnumerable<string> texts) =>
        [.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
