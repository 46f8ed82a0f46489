using Tenet.Kernel.Telemetry;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>How old log files become. They are the deployment's, so the strictest policy in force counts.</summary>
internal sealed class LogFileAge(TelemetryOptions options)
    : ClaimKind(Kind, "Log files are deleted when they have reached this age.", ClaimParameter.Period("keep"))
{
    public const string Kind = "log_age";
    public const string Subject = "log files";

    public override bool IsOfDeployment => true;

    public override string? TakesEffect(Claim claim) =>
        "Log files, copies of error reports and the private PostgreSQL's log are deleted by it every hour, by the shortest time of all policies in force.";

    public override string Limits => "It looks at Tenet's own files. What a collector or the system's journal takes is theirs to delete.";

    public override string Key(Claim claim) => Subject;

    public override bool Tightens(Claim before, Claim after) => after.Period("keep") <= before.Period("keep");

    public override string? Refuses(Claim claim) =>
        claim.Period("keep").Approximately < TimeSpan.FromDays(1) ? "A log file is of one day: it cannot be kept for less." : null;

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        if (options.LogFolder is not { } folder || !Directory.Exists(folder))
        {
            return Task.FromResult(Finding.Unknown("Tenet writes no log files here. Whoever takes its log deletes it."));
        }
        // What was written at the end of its day is a day younger; the files go hourly.
        var first = DateOnly.FromDateTime((claim.Period("keep").Before(run.Now) - Retention.Grace).UtcDateTime);
        var files = Directory.EnumerateFiles(folder).Where(path => LogFolder.DayOf(path) is not null).ToList();
        var old = files.Count(path => LogFolder.DayOf(path) < first);
        return Task.FromResult(
            Finding.Of(
                old == 0 ? [] : [$"{old} log files are older than {claim.Period("keep")}."],
                $"{files.Count} log files, none older than {claim.Period("keep")}.",
                files.Count,
                "names of log files"
            )
        );
    }
}
