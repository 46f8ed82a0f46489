using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Requests;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Policies;

public sealed partial class EnforcerTests
{
    [Fact]
    public async Task An_erasure_is_due_when_the_policy_says()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        using var visitor = await WidgetVisitor.ArriveAsync(_host, workspace);
        var (now, due) = await _host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            async ctx =>
            {
                await _host.Services.GetRequiredService<BeginErasure>().RunAsync(ctx, [visitor.VisitorId], ErasureGround.Request, Ct);
                var clocks = _host.Services.GetRequiredService<RequestClocks>();
                return (ctx.Now, await clocks.OfAsync(ctx, RequestRegime.Gdpr, RequestKind.Erasure, ctx.Now, Ct));
            },
            Ct
        );

        due.DueAt.ShouldBe(now.AddDays(5));
        (
            await _host.AsOwnerAsync<TimeSpan>("select due_at - created_at from privacy.erasure where workspace_id = $1", workspace.Id)
        ).ShouldBe(TimeSpan.FromHours(2));
    }
}
