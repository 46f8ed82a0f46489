using Shouldly;
using Tenet.Odoo.Turns;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Tenet.Tests.Support.ModelFakes;
using Xunit;

namespace Tenet.Tests.Odoo;

/// <summary>A question whose host is killed before the answer ends as failed, an hour later and for nothing.</summary>
public sealed class LostTurnTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private TestHost _host = null!;
    private FakeOdoo _odoo = null!;
    private OdooTenant _tenant = null!;
    private FakeModelServer _model = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await cluster.StartHostAsync(background: false);
        _odoo = await FakeOdoo.StartAsync();
        _tenant = await OdooTenant.ConnectAsync(_host, _odoo);
        _model = await _host.UseModelAsync(_tenant.Workspace, FakeReply.Text("It is open."));
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        _tenant.Dispose();
        await _odoo.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_turn_that_nobody_ends_is_ended_after_an_hour_and_others_stay_as_they_are()
    {
        var grant = (await _tenant.GrantAsync(7)).Sid;
        await _tenant.AskAsync(7, grant, "Which quotation is open?");
        var ended = await StatesAsync();
        await LeaveAsync("59 minutes");
        await LeaveAsync("61 minutes");

        await RunAsync();

        (await StatesAsync()).ShouldBe([.. ended, "failed lost", "running "], ignoreOrder: true);
    }

    [Fact]
    public async Task Who_connects_an_Odoo_is_looked_after_until_its_records_are_gone()
    {
        (await SchedulesAsync()).ShouldBe(1);
        await RunAsync();
        (await SchedulesAsync()).ShouldBe(1);

        await _host.AsOwnerAsync<object>("delete from odoo.tenant where workspace_id = $1", _tenant.Workspace.Id);
        await RunAsync();

        (await SchedulesAsync()).ShouldBe(0);
    }

    private Task RunAsync() =>
        new EndLostTurns(_host.Door).RunAsync(new(_tenant.Workspace.Id, Guid.CreateVersion7(), _tenant.Workspace.Id, 1), _ct);

    private Task LeaveAsync(string ago) =>
        _host.AsOwnerAsync<object>(
            """
            insert into odoo.turn (workspace_id, id, session_id, uid, state, started_at)
            select workspace_id, gen_random_uuid(), id, uid, 'running', now() - $2::interval from odoo.session where workspace_id = $1
            """,
            _tenant.Workspace.Id,
            ago
        );

    private async Task<string[]> StatesAsync() =>
        (
            await _host.AsOwnerAsync<string[]>(
                "select array_agg(concat_ws(' ', state, coalesce(fault, ''))) from odoo.turn where workspace_id = $1",
                _tenant.Workspace.Id
            )
        )!;

    private Task<long> SchedulesAsync() =>
        _host.AsOwnerAsync<long>(
            "select count(*) from kernel.schedule where workspace_id = $1 and kind = $2",
            _tenant.Workspace.Id,
            EndLostTurns.Kind
        );
}
