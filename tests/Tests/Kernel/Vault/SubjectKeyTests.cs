using Shouldly;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Vault;

public sealed class SubjectKeyTests(TestCluster cluster) : IDisposable
{
    private static readonly SealedPlace Place = new("lab.thing", "secret", Guid.Parse("0197f000-0000-7000-8000-000000000001"));
    private readonly TestHost _host = cluster.Host;
    private readonly WorkspaceVault _vault = new(KeyRing.ForTests(MasterKey.FromFile(cluster.MasterKeyFile, create: false)));
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly Guid _mira = Guid.CreateVersion7();
    private readonly Guid _noor = Guid.CreateVersion7();

    [Fact]
    public async Task A_shredded_persons_values_open_nowhere_and_everybody_elses_do()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var (mira, noor) = (await SealAsync(workspace.Id, _mira, "of Mira"), await SealAsync(workspace.Id, _noor, "of Noor"));
        using var otherNode = new WorkspaceVault(KeyRing.ForTests(MasterKey.FromFile(cluster.MasterKeyFile, create: false)));
        (await OpenAsync(workspace.Id, Place, mira, otherNode)).ShouldBe("of Mira");

        await ShredAsync(workspace.Id, _mira);

        (await RefusedAsync(workspace.Id, Place, mira)).ShouldBe(SealFailure.KeyDestroyed);
        (await RefusedAsync(workspace.Id, Place, mira, otherNode)).ShouldBe(SealFailure.KeyDestroyed);
        (await OpenAsync(workspace.Id, Place, noor)).ShouldBe("of Noor");
        (await _host.AsOwnerAsync<bool>("select wrapped is null from vault.subject_key where id = $1", _mira)).ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_is_sealed_for_a_shredded_person_again()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await ShredAsync(workspace.Id, _mira);

        (await Should.ThrowAsync<SealException>(() => SealAsync(workspace.Id, _mira, "late"))).Failure.ShouldBe(SealFailure.KeyDestroyed);
    }

    [Fact]
    public async Task The_time_of_the_shredding_is_the_true_and_the_first_one()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await SealAsync(workspace.Id, _mira, "of Mira");
        DateTimeOffset began = default;
        var shredded = await _host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            async ctx =>
            {
                began = await ctx.FirstOrDefaultAsync($"select now()", row => row.GetFieldValue<DateTimeOffset>(0), _ct);
                await ctx.ExecuteAsync($"select pg_sleep(0.05)", _ct);
                return await _vault.ShredAsync(ctx, _mira, _ct);
            },
            _ct
        );

        shredded.ShouldBeGreaterThan(began.AddMilliseconds(40));
        (await ShredAsync(workspace.Id, _mira)).ShouldBe(shredded);
    }

    [Fact]
    public async Task A_shredding_that_was_rolled_back_did_not_happen()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var value = await SealAsync(workspace.Id, _mira, "of Mira");
        await Should.ThrowAsync<InvalidOperationException>(() =>
            _host.Door.RunAsync(
                workspace.Id,
                Actor.System,
                async ctx =>
                {
                    await _vault.ShredAsync(ctx, _mira, _ct);
                    throw new InvalidOperationException();
                },
                _ct
            )
        );

        (await OpenAsync(workspace.Id, Place, value)).ShouldBe("of Mira");
    }

    [Fact]
    public async Task A_persons_value_does_not_open_for_another_person_place_or_workspace()
    {
        var (workspace, other) = (await _host.OpenWorkspaceAsync(), await _host.OpenWorkspaceAsync());
        var value = await SealAsync(workspace.Id, _mira, "of Mira");
        await SealAsync(workspace.Id, _noor, "of Noor");
        await SealAsync(other.Id, _mira, "of a namesake");

        var renamed = value.ToArray();
        _noor.TryWriteBytes(renamed.AsSpan(1), bigEndian: true, out _);
        (await RefusedAsync(workspace.Id, Place, renamed)).ShouldBe(SealFailure.Changed);
        (await RefusedAsync(workspace.Id, Place with { Row = _noor }, value)).ShouldBe(SealFailure.Changed);
        (await RefusedAsync(other.Id, Place, value)).ShouldBe(SealFailure.Changed);
        // A key row copied over another person's, behind the code's back.
        await _host.AsOwnerAsync<object>(
            "update vault.subject_key set wrapped = (select wrapped from vault.subject_key where id = $1 and workspace_id = $3) where id = $2",
            _noor,
            _mira,
            workspace.Id
        );
        (await RefusedAsync(workspace.Id, Place, value)).ShouldBe(SealFailure.Changed);
    }

    [Fact]
    public async Task A_destroyed_workspace_takes_its_persons_keys_along()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var value = await SealAsync(workspace.Id, _mira, "of Mira");
        await _host.AsOwnerAsync<object>(
            "update vault.workspace_key set wrapped = null, destroyed_at = now() where workspace_id = $1",
            workspace.Id
        );

        (await RefusedAsync(workspace.Id, Place, value)).ShouldBe(SealFailure.KeyDestroyed);
    }

    [Fact]
    public async Task A_key_row_that_was_not_restored_is_told_from_a_destroyed_one()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var value = await SealAsync(workspace.Id, _mira, "of Mira");
        await _host.AsOwnerAsync<object>("delete from vault.subject_key where id = $1", _mira);

        (await RefusedAsync(workspace.Id, Place, value)).ShouldBe(SealFailure.KeyMissing);
    }

    public void Dispose() => _vault.Dispose();

    private Task<byte[]> SealAsync(Guid workspace, Guid subject, string text) =>
        _host.Door.RunAsync(workspace, Actor.System, ctx => _vault.SealForAsync(ctx, subject, Place, text, _ct), _ct);

    private Task<DateTimeOffset> ShredAsync(Guid workspace, Guid subject) =>
        _host.Door.RunAsync(workspace, Actor.System, ctx => _vault.ShredAsync(ctx, subject, _ct), _ct);

    private Task<string> OpenAsync(Guid workspace, SealedPlace place, byte[] value, WorkspaceVault? vault = null) =>
        _host.Door.RunAsync(workspace, Actor.System, ctx => (vault ?? _vault).OpenAsync(ctx, place, value, _ct), _ct);

    private async Task<SealFailure> RefusedAsync(Guid workspace, SealedPlace place, byte[] value, WorkspaceVault? vault = null) =>
        (await Should.ThrowAsync<SealException>(() => OpenAsync(workspace, place, value, vault))).Failure;
}
