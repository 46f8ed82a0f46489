using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Vault;

public sealed class WorkspaceVaultTests(TestCluster cluster) : IDisposable
{
    private static readonly SealedPlace Place = new("lab.thing", "secret", Guid.Parse("0197f000-0000-7000-8000-000000000001"));
    private readonly TestHost _host = cluster.Host;
    private readonly WorkspaceVault _vault = new(KeyRing.ForTests(MasterKey.FromFile(cluster.MasterKeyFile, create: false)));
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("sk-test-0123456789")]
    [InlineData("ключ 🔑 \0 \u202e")]
    public async Task What_was_sealed_opens_on_every_node(string text)
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var value = await SealAsync(workspace.Id, text);

        (await OpenAsync(workspace.Id, Place, value)).ShouldBe(text);
        using var other = new WorkspaceVault(KeyRing.ForTests(MasterKey.FromFile(cluster.MasterKeyFile, create: false)));
        (await OpenAsync(workspace.Id, Place, value, other)).ShouldBe(text);
    }

    [Fact]
    public async Task The_same_text_is_never_sealed_to_the_same_bytes()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        (await SealAsync(workspace.Id, "again")).ShouldNotBe(await SealAsync(workspace.Id, "again"));
    }

    [Fact]
    public async Task A_value_that_was_moved_does_not_open()
    {
        var (workspace, other) = (await _host.OpenWorkspaceAsync(), await _host.OpenWorkspaceAsync());
        var value = await SealAsync(workspace.Id, "secret");
        await SealAsync(other.Id, "so that it has a key");

        await RefusedAsync(workspace.Id, Place with { Row = Guid.CreateVersion7() }, value);
        await RefusedAsync(workspace.Id, Place with { Column = "name" }, value);
        await RefusedAsync(workspace.Id, Place with { Table = "lab.part" }, value);
        await RefusedAsync(workspace.Id, new SealedPlace("lab.things", "ecret", Place.Row), value);
        await RefusedAsync(other.Id, Place, value);
        // Another workspace's key row, copied behind the code's back, does not help either.
        await _host.AsOwnerAsync<object>(
            "update vault.workspace_key set wrapped = (select wrapped from vault.workspace_key where workspace_id = $1) where workspace_id = $2",
            workspace.Id,
            other.Id
        );
        await RefusedAsync(other.Id, Place, value);
    }

    [Fact]
    public async Task A_value_said_to_be_of_another_key_version_does_not_open()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var value = await SealAsync(workspace.Id, "secret");
        await _host.AsOwnerAsync<object>(
            "insert into vault.workspace_key (workspace_id, version, wrapped) select workspace_id, 2, wrapped from vault.workspace_key where workspace_id = $1",
            workspace.Id
        );
        value[4] = 2;

        await RefusedAsync(workspace.Id, Place, value);
    }

    [Fact]
    public async Task A_destroyed_key_opens_nothing_from_that_moment_on_any_node()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var value = await SealAsync(workspace.Id, "secret");
        (await OpenAsync(workspace.Id, Place, value)).ShouldBe("secret");

        await _host.AsOwnerAsync<object>(
            "update vault.workspace_key set wrapped = null, destroyed_at = now() where workspace_id = $1",
            workspace.Id
        );

        await RefusedAsync(workspace.Id, Place, value);
        await Should.ThrowAsync<CryptographicException>(() => SealAsync(workspace.Id, "new"));
    }

    [Fact]
    public async Task A_first_key_whose_transaction_was_undone_is_forgotten()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await Should.ThrowAsync<InvalidOperationException>(() =>
            _host.Door.RunAsync(
                workspace.Id,
                Actor.System,
                async ctx =>
                {
                    await _vault.SealAsync(ctx, Place, "undone", _ct);
                    throw new InvalidOperationException();
                },
                _ct
            )
        );

        var value = await SealAsync(workspace.Id, "kept");

        using var afterRestart = new WorkspaceVault(KeyRing.ForTests(MasterKey.FromFile(cluster.MasterKeyFile, create: false)));
        (await OpenAsync(workspace.Id, Place, value, afterRestart)).ShouldBe("kept");
    }

    [Fact]
    public async Task First_uses_at_once_agree_on_one_key()
    {
        var workspace = await _host.OpenWorkspaceAsync();

        var values = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => SealAsync(workspace.Id, $"{n}")));

        for (var n = 0; n < values.Length; n++)
        {
            (await OpenAsync(workspace.Id, Place, values[n])).ShouldBe($"{n}");
        }
    }

    [Fact]
    public void A_value_with_any_bit_turned_or_any_end_cut_off_does_not_open()
    {
        using var box = new SealedBox(RandomNumberGenerator.GetBytes(32), 1);
        Prop.ForAll<byte[], int, byte>(
                (plain, position, bit) =>
                {
                    plain ??= [];
                    var place = Place.Bind(Guid.Empty, 1);
                    var value = box.Seal(plain, place);
                    var opens = box.Open(value, place).AsSpan().SequenceEqual(plain);
                    var turned = value.ToArray();
                    turned[(int)((uint)position % turned.Length)] ^= (byte)(1 << (bit % 8));
                    return opens
                        && !Opens(box, turned, place)
                        && !Opens(box, value[..(int)((uint)position % value.Length)], place)
                        && !Opens(box, [.. value, bit], place);
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void No_nonce_comes_twice_under_one_key_even_when_the_count_runs_out()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        using var box = new SealedBox([.. key], 1);
        using var restarted = new SealedBox([.. key], 1);
        box.SkipToForTests(SealedBox.MaxCount - 500);

        var values = ParallelEnumerable.Range(0, 4_000).Select(n => (n % 2 == 0 ? box : restarted).Seal([1], [2])).ToList();

        // Salt and count: the key of the moment, and what it counts.
        values.Select(value => Convert.ToHexString(value.AsSpan(5, 16 + 4))).ShouldBeUnique();
        values.Select(value => Convert.ToHexString(value.AsSpan(5, 16))).Distinct().Count().ShouldBe(3);
        values.ShouldAllBe(value => box.Open(value, new byte[] { 2 }).Length == 1);
    }

    [Fact]
    public void Nothing_is_sealed_once_the_key_is_gone()
    {
        var box = new SealedBox(RandomNumberGenerator.GetBytes(32), 1);
        box.Dispose();
        Should.Throw<ObjectDisposedException>(() => box.Seal([1], [2]));
    }

    public void Dispose() => _vault.Dispose();

    private Task<byte[]> SealAsync(Guid workspace, string text) =>
        _host.Door.RunAsync(workspace, Actor.System, ctx => _vault.SealAsync(ctx, Place, text, _ct), _ct);

    private Task<string> OpenAsync(Guid workspace, SealedPlace place, byte[] value, WorkspaceVault? vault = null) =>
        _host.Door.RunAsync(workspace, Actor.System, ctx => (vault ?? _vault).OpenAsync(ctx, place, value, _ct), _ct);

    private Task RefusedAsync(Guid workspace, SealedPlace place, byte[] value) =>
        Should.ThrowAsync<CryptographicException>(() => OpenAsync(workspace, place, value));

    private static bool Opens(SealedBox box, byte[] value, byte[] place)
    {
        try
        {
            box.Open(value, place);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
