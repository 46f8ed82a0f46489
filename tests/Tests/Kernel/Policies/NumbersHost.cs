using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Policies;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

/// <summary>A host under a policy of its own, which changes every number of the house rules.</summary>
public sealed class NumbersHost(TestCluster cluster) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-numbers-");

    internal TestHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "policies", "house.yaml"), Path.Combine(_folder.FullName, "house.yaml"));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "numbers.yaml"), Policy());
        Host = await cluster.StartHostAsync(
            background: false,
            limits: new RateLimitOptions(),
            settings: options => options with { Policies = new PolicyOptions("numbers", _folder.FullName, Probing: false) }
        );
    }

    private static string Policy()
    {
        (string Of, string Keep)[] ages =
        [
            ("audit.log", "40 days"),
            ("kernel.events", "2 days"),
            ("kernel.mail", "3 days"),
            ("kernel.blobs", "4 days"),
            ("accounts.invitations", "3 days"),
            ("accounts.sessions", "2 hours"),
            ("kernel.saved_answers", "3 hours"),
            ("kernel.rate_windows", "5 minutes"),
            ("privacy.exports", "2 days"),
            ("privacy.marketing", "6 months"),
        ];
        (string Of, string Most)[] lives =
        [
            ("session", "4 hours"),
            ("pending_session", "2 minutes"),
            ("sign_in_link", "3 minutes"),
            ("step_up", "1 minute"),
            ("invitation", "2 days"),
            ("passkey_ceremony", "1 minute"),
            ("visitor_token", "20 days"),
            ("signed_identity", "1 hour"),
        ];
        return "policy: numbers\nversion: \"1\"\nextends: house\neffective: 2026-01-01\nnotice: 30 days\npromises:\n  - id: numbers.all\n    says: Other numbers.\n    claims:\n"
            + string.Concat(ages.Select(age => $"      - claim: retention\n        of: {age.Of}\n        keep: {age.Keep}\n"))
            + string.Concat(lives.Select(life => $"      - claim: token_lifetime\n        of: {life.Of}\n        at_most: {life.Most}\n"))
            + "  - id: numbers.more\n    says: And more of them.\n    claims:\n"
            + "      - claim: retention\n        of: inbox.conversations\n        keep: 5 days\n        at_most: 6 days\n"
            + "      - claim: rate_limit\n        of: pages\n        per_ip: 77\n        per_workspace: 5000\n"
            + "      - claim: rate_limit\n        of: sign_in\n        per_ip: 77\n        per_workspace: 5000\n"
            + "      - claim: rate_limit\n        of: api\n        per_ip: 88\n        per_workspace: 99\n"
            + "      - claim: message_limit\n        per_visitor: 3\n        per_workspace: 50\n"
            + "      - claim: outgoing_transport\n        minimum: \"1.3\"\n"
            + "      - claim: owner_only\n        of: ai_history\n"
            + "      - claim: error_reports\n        never: [ip_addresses]\n"
            + "      - claim: erasure_deadline\n        within: 5 days\n        once_begun: 2 hours\n"
            + "      - claim: opt_in\n        confirm_within: 3 days\n"
            + "      - claim: log_age\n        keep: 3 days\n";
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
