using System.Net.Http.Json;
using Shouldly;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

public sealed partial class EnforcerTests
{
    [Fact]
    public async Task A_link_that_confirms_marketing_works_as_long_as_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var client = _host.Client();
        using var answer = await client.PostAsJsonAsync(
            "/api/privacy/marketing",
            new { workspace = workspace.Slug, email = "wants@example.org" },
            Ct
        );
        answer.EnsureSuccessStatusCode();

        (
            await _host.AsOwnerAsync<TimeSpan>(
                "select link_ends_at - asked_at from privacy.marketing_consent where workspace_id = $1",
                workspace.Id
            )
        ).ShouldBe(TimeSpan.FromDays(3));
    }
}
