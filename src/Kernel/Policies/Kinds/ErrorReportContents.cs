using Tenet.Kernel.Telemetry;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>
/// What must not stand in reports of errors. Whoever sends them reads the list here and holds back what has one of the forms; a copy of each report
/// that left lies beside the log files, and the probe reads those.
/// </summary>
internal sealed class ErrorReportContents(TelemetryOptions options)
    : ClaimKind(
        Kind,
        "Reports of errors that leave for the operator's service hold none of this.",
        ClaimParameter.Choices("never", SecretForms.Words)
    )
{
    public const string Kind = "error_reports";
    public const string Subject = "reports of errors";

    private readonly LineScan _scan = new();

    public override bool IsOfDeployment => true;

    public override string? TakesEffect(Claim claim) => "A report with one of these forms is held back, by all policies in force together.";

    public override string Limits =>
        "It reads the copies of what left, as long as log files are kept, for what has the shape of an address, a token, a key or a password. Free text without a shape it cannot tell.";

    public override string Key(Claim claim) => Subject;

    public override bool Tightens(Claim before, Claim after) =>
        before.Get<List<string>>("never").TrueForAll(word => after.Get<List<string>>("never").Contains(word, StringComparer.Ordinal));

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        if (options.LogFolder is not { } folder)
        {
            return options.ErrorDsn is null
                ? Finding.Holds("No service for reports of errors is named, so none leaves.", 0, "settings")
                : Finding.Unknown("Tenet writes no files here, so there are no copies of the reports to read.");
        }
        var seen = Directory.Exists(folder)
            ? await _scan.LookAsync(folder, LogFolder.IsReport, "files of reports", claim.Get<List<string>>("never"), ct)
            : null;
        return seen is null or { Verdict: Verdict.Holds, Looked: 0 } && options.ErrorDsn is null
            ? Finding.Holds("No service for reports of errors is named, so none leaves.", 0, "settings")
            : seen ?? Finding.Holds("No report of an error has left.", 0, "settings");
    }
}
