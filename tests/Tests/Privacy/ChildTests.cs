using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class ChildTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Address = "mia@example.org";

    private TestHost _host = null!;
    private Workspace _workspace = null!;
    private TestMember _owner = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await cluster.StartHostAsync(background: false);
        _workspace = await _host.OpenWorkspaceAsync();
        _owner = await _host.JoinAsync(_workspace, Access.Owner);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_child_is_erased_the_owner_is_told_and_nothing_is_stored_under_the_same_address_any_more()
    {
        using var child = await WidgetVisitor.ArriveAsync(_host, _workspace);
        (await LeaveAsync(child, Address)).ShouldBe(HttpStatusCode.Accepted);
        using var elsewhere = await WidgetVisitor.ArriveAsync(_host, _workspace);
        (await LeaveAsync(elsewhere, " MIA@example.org")).ShouldBe(HttpStatusCode.Accepted);

        // Marked by one of two rows: the other stands under the same address.
        var erasure = await MarkAsync(child.VisitorId);
        await EraseAsync(erasure);

        (await CountAsync("inbox.visitor where workspace_id = $1")).ShouldBe(0);
        (await CountAsync("audit.entry where workspace_id = $1 and action = 'child.marked'")).ShouldBe(1);
        (await CountAsync("kernel.mail where workspace_id = $1")).ShouldBe(1);
        (
            await _host.AsOwnerAsync<bool>(
                "select due_at <= created_at + interval '1 day' from privacy.erasure where workspace_id = $1",
                _workspace.Id
            )
        ).ShouldBeTrue();
        // Nothing says who it was.
        (
            await _host.AsOwnerAsync<bool>(
                "select bool_and(octet_length(hash) = 32) from kernel.refused_identifier where workspace_id = $1",
                _workspace.Id
            )
        ).ShouldBeTrue();

        using var again = await WidgetVisitor.ArriveAsync(_host, _workspace);
        (await LeaveAsync(again, "Mia@Example.org")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await CountAsync("inbox.conversation where workspace_id = $1")).ShouldBe(0);
        (await CountAsync("inbox.visitor where workspace_id = $1 and email is not null")).ShouldBe(0);
        (await OpenAsync(child)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await SayAsync(child)).ShouldBe(HttpStatusCode.NotFound);
        using var invited = await _owner.Client.PostAsJsonAsync("/api/invitations", new { email = Address, role = "viewer" }, Ct);
        invited.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        // Who asks for news is told nothing about whose address it is.
        (await WantsNewsAsync()).ShouldBe(HttpStatusCode.Accepted);
        (await CountAsync("privacy.marketing_consent where workspace_id = $1")).ShouldBe(0);

        using var letIn = await _owner.Client.DeleteAsync($"/api/privacy/erasures/{erasure}/refusal", Ct);
        letIn.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await LeaveAsync(again, Address)).ShouldBe(HttpStatusCode.Accepted);
        using var twice = await _owner.Client.DeleteAsync($"/api/privacy/erasures/{erasure}/refusal", Ct);
        twice.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_database_restored_from_before_keeps_the_child_out_again()
    {
        using var child = await WidgetVisitor.ArriveAsync(_host, _workspace);
        await LeaveAsync(child, Address);
        await EraseAsync(await MarkAsync(child.VisitorId));
        var refused = await CountAsync("kernel.refused_identifier where workspace_id = $1");
        foreach (var table in new[] { "kernel.refused_identifier", "privacy.erasure_outcome", "privacy.erasure_ledger", "privacy.erasure" })
        {
            await _host.AsOwnerAsync<object>($"delete from {table} where workspace_id = $1", _workspace.Id);
        }

        await _host.Services.GetRequiredService<ReplayErasures>().RunIfAheadAsync(_workspace.Id, Ct);

        (await CountAsync("kernel.refused_identifier where workspace_id = $1")).ShouldBeGreaterThanOrEqualTo(refused);
        using var again = await WidgetVisitor.ArriveAsync(_host, _workspace);
        (await LeaveAsync(again, Address)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private async Task<Guid> MarkAsync(Guid person)
    {
        using var response = await _owner.Client.PostAsJsonAsync(
            "/api/privacy/erasures",
            new { persons = new[] { person }, ground = "child" },
            Ct
        );
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(Ct));
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetGuid();
    }

    private async Task EraseAsync(Guid erasure)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        await scope
            .ServiceProvider.GetRequiredService<ErasePerson>()
            .RunAsync(new JobRun(_workspace.Id, Guid.CreateVersion7(), erasure, 1), Ct);
    }

    private static async Task<HttpStatusCode> LeaveAsync(WidgetVisitor visitor, string email)
    {
        using var answer = await visitor.Client.PostAsJsonAsync("/api/widget/offline", new { email, text = "Please write to me" }, Ct);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> SayAsync(WidgetVisitor visitor)
    {
        using var answer = await visitor.Client.PostAsJsonAsync(
            "/api/widget/messages",
            new { clientId = Guid.CreateVersion7(), text = "Hello again" },
            Ct
        );
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> OpenAsync(WidgetVisitor visitor)
    {
        using var answer = await visitor.Client.PostAsJsonAsync(
            $"/api/widget/{visitor.Key}/sessions",
            new { visitorToken = visitor.Token, language = "en" },
            Ct
        );
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> WantsNewsAsync()
    {
        using var client = _host.Client();
        using var answer = await client.PostAsJsonAsync("/api/privacy/marketing", new { workspace = _workspace.Slug, email = Address }, Ct);
        return answer.StatusCode;
    }

    private Task<long> CountAsync(string which) => _host.AsOwnerAsync<long>($"select count(*) from {which}", _workspace.Id);
}
