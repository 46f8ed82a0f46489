using Npgsql;
using Tenet.Kernel.Http;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>
/// The oldest TLS that is spoken to those who receive data. <see cref="Egress"/> reads the value here before it sends anything; the probe looks at
/// the connections that were made and at the settings of those that are made without it.
/// </summary>
internal sealed class OutgoingTransport(RecipientLedger ledger, KernelOptions options)
    : ClaimKind(
        Kind,
        "Whoever outside is sent data is called over this version of TLS or a newer one.",
        ClaimParameter.Choice("minimum", "1.2", "1.3")
    )
{
    public const string Kind = "outgoing_transport";
    public const string Subject = "TLS of outgoing connections";
    private static readonly TimeSpan Recent = TimeSpan.FromDays(30);

    public override bool IsOfDeployment => true;

    public override string? TakesEffect(Claim claim) =>
        "Each outgoing connection is checked against it before anything is sent, by the strictest policy in force.";

    public override string Limits =>
        "It looks at the calls of 30 days that Tenet made under this version of the policy, and at the settings of relay, collector, key service and database. "
        + "Sites that are only read are not meant.";

    public override string Key(Claim claim) => Subject;

    public override bool Tightens(Claim before, Claim after) => string.CompareOrdinal(after.Text("minimum"), before.Text("minimum")) >= 0;

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var minimum = claim.Text("minimum");
        var since = new[] { run.Now - Recent, new DateTimeOffset(run.Policy.Effective, TimeOnly.MinValue, TimeSpan.Zero) }.Max();
        var calls = (await ledger.ReadAsync(ct)).Where(call => call.At >= since).Select(call => call.Call).Distinct().ToList();
        var weak = calls.Where(call => call.Tls.Length != minimum.Length || string.CompareOrdinal(call.Tls, minimum) < 0);
        return Finding.Of(
            [
                .. weak.Select(call =>
                    call.Tls.Length == 0
                        ? $"{call.Host} was called without TLS ({call.Purpose})."
                        : $"{call.Host} was called over TLS {call.Tls} ({call.Purpose}), which is older than {minimum}."
                ),
                .. Settings().Where(setting => setting.IsOpen).Select(setting => $"The settings let {setting.What} go out without TLS."),
            ],
            calls.Count == 0
                ? "Nobody outside was sent anything in 30 days; no setting leads out without TLS."
                : $"{calls.Count} ways to hosts outside were used in 30 days, all of them over TLS {minimum} or newer; no setting leads out without TLS.",
            calls.Count,
            "kernel.recipient; settings"
        );
    }

    private IEnumerable<(string What, bool IsOpen)> Settings()
    {
        yield return ("letters", options.Mail is { Host: { Length: > 0 } relay, StartTls: false } && !OwnNetwork.Holds(relay));
        yield return ("reports of errors", IsOpen(Uri.TryCreate(options.Telemetry.ErrorDsn, UriKind.Absolute, out var dsn) ? dsn : null));
        yield return ("measurements", IsOpen(options.Telemetry.OtlpEndpoint));
        yield return ("wrapped keys", IsOpen(options.MasterKey.Service));
        yield return ("checkpoints", IsOpen(options.Audit.S3.Endpoint));
        var database = new NpgsqlConnectionStringBuilder(options.Database.ConnectionString);
        yield return (
            "what the database is asked",
            database.SslMode is SslMode.Disable or SslMode.Allow or SslMode.Prefer
                && (database.Host ?? "").Split(',').Any(host => host.Length > 0 && !OwnNetwork.Holds(host.Split(':')[0]))
        );
    }

    private static bool IsOpen(Uri? address) => address is { Scheme: "http" } && !OwnNetwork.Holds(address.IdnHost);
}
