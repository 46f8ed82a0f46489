using Tenet.Kernel.Telemetry;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>What must not stand in log files. The probe reads them, each part once, for the shapes of it.</summary>
internal sealed class LogContents(TelemetryOptions options)
    : ClaimKind(
        "log_contents",
        "Log files hold none of this.",
        ClaimParameter.Choices("never", "email_addresses", "bearer_tokens", "api_keys", "passwords", "session_tokens")
    )
{
    private readonly LineScan _scan = new();

    public override bool IsOfDeployment => true;

    public override string Limits =>
        "It finds what has the shape of an address, a token, a key or a password. Free text without a shape it cannot tell.";

    public override string Key(Claim claim) => "log files";

    public override bool Tightens(Claim before, Claim after) =>
        before.Get<List<string>>("never").TrueForAll(word => after.Get<List<string>>("never").Contains(word, StringComparer.Ordinal));

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        if (options.LogFolder is not { } folder || !Directory.Exists(folder))
        {
            return Finding.Unknown("Tenet writes no log files here, so there are none to read.");
        }
        return await _scan.LookAsync(folder, path => LogFolder.DayOf(path) is not null, "log files", claim.Get<List<string>>("never"), ct);
    }
}
