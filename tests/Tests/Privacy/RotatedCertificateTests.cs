using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Tests.Crash;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class RotatedCertificateTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Certificates_are_signed_on_after_the_workspaces_key_was_rotated()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        for (var rotation = 0; rotation < 3; rotation++)
        {
            var erasure = await ErasedPerson.BeginAsync(host, workspace.Id, _ct);
            await using (var scope = host.Services.CreateAsyncScope())
            {
                var erase = scope.ServiceProvider.GetRequiredService<ErasePerson>();
                await erase.RunAsync(new JobRun(workspace.Id, Guid.CreateVersion7(), erasure, 1), _ct);
            }
            (await ErasedPerson.WrongAsync(host, erasure)).ShouldBe("");
            await host.Door.RunAsync(
                workspace.Id,
                Actor.System,
                ctx => host.Services.GetRequiredService<WorkspaceKeys>().BeginRotationAsync(ctx, _ct),
                _ct
            );
            await using (var scope = host.Services.CreateAsyncScope())
            {
                var resealed = await scope.ServiceProvider.GetRequiredService<ResealWorkspace>().RunAsync(workspace.Id, null, _ct);
                resealed.OlderDestroyedAt.ShouldNotBeNull();
            }
        }
    }
}
