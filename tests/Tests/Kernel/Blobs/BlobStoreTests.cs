using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Blobs;

public sealed class BlobStoreTests(TestCluster cluster)
{
    private const int Chunk = ChunkCipher.ChunkLength;
    private const long Plenty = 100_000_000;
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    private BlobStore Blobs => _host.Services.GetRequiredService<BlobStore>();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData((4 * Chunk) - 1)]
    [InlineData(4 * Chunk)]
    [InlineData((4 * Chunk) + 1)]
    [InlineData((9 * Chunk) + 12_345)]
    public async Task What_is_written_is_read_whatever_its_length(int length)
    {
        var workspace = (await _host.OpenWorkspaceAsync()).Id;
        var content = Secrets.Bytes(length);

        var id = await WriteAsync(workspace, content);

        (await ReadAsync(workspace, id)).ShouldBe(content);
        (await _host.AsOwnerAsync<long>("select count(*) from kernel.blob_chunk where blob_id = $1", id)).ShouldBe(
            Math.Max(1, (length + Chunk - 1) / Chunk)
        );
    }

    [Fact]
    public async Task A_blob_is_nowhere_stored_in_the_clear()
    {
        var workspace = (await _host.OpenWorkspaceAsync()).Id;
        var id = await WriteAsync(
            workspace,
            System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("marker-of-a-recording ", 500)))
        );

        (
            await _host.AsOwnerAsync<bool>("select position('marker-of'::bytea in bytes) = 0 from kernel.blob_chunk where blob_id = $1", id)
        ).ShouldBeTrue();
    }

    [Theory]
    [InlineData("update kernel.blob_chunk set bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1) where blob_id = $1 and position = 2")]
    [InlineData("delete from kernel.blob_chunk where blob_id = $1 and position = 5")]
    [InlineData("delete from kernel.blob_chunk where blob_id = $1 and position = 3")]
    [InlineData("delete from kernel.blob_chunk where blob_id = $1 and position = 0")]
    [InlineData("delete from kernel.blob_chunk where blob_id = $1")]
    [InlineData(
        "update kernel.blob_chunk c set bytes = o.bytes from kernel.blob_chunk o where c.blob_id = $1 and o.blob_id = $1 and c.position in (3, 4) and o.position = 7 - c.position"
    )]
    [InlineData(
        "update kernel.blob_chunk c set bytes = o.bytes from kernel.blob_chunk o where c.blob_id = $1 and o.blob_id = $1 and c.position = 1 and o.position = 2"
    )]
    [InlineData(
        "update kernel.blob_chunk c set bytes = o.bytes from kernel.blob_chunk o where c.blob_id = $1 and o.blob_id = $2 and c.position = o.position and c.position = 1"
    )]
    [InlineData("update kernel.blob b set key = o.key from kernel.blob o where b.id = $1 and o.id = $2")]
    [InlineData(
        "insert into kernel.blob_chunk (workspace_id, blob_id, position, bytes) select workspace_id, blob_id, 6, bytes from kernel.blob_chunk where blob_id = $1 and position = 5"
    )]
    [InlineData("update kernel.blob set length = length - 1 where id = $1")]
    [InlineData("update kernel.blob set length = 5 * 262144 where id = $1")]
    [InlineData("update kernel.blob set length = 0 where id = $1")]
    [InlineData("update kernel.blob_chunk set bytes = substring(bytes from 1 for 10) where blob_id = $1 and position = 5")]
    public async Task A_blob_that_was_tampered_with_does_not_read_to_its_end(string tampering)
    {
        var workspace = (await _host.OpenWorkspaceAsync()).Id;
        var (id, other) = (
            await WriteAsync(workspace, new byte[(5 * Chunk) + 100]),
            await WriteAsync(workspace, new byte[(5 * Chunk) + 100])
        );

        await _host.AsOwnerAsync<object>(
            tampering.Contains("$2", StringComparison.Ordinal) ? tampering : tampering + " and $2::uuid is not null",
            id,
            other
        );

        (await Should.ThrowAsync<SealException>(() => ReadAsync(workspace, id))).Failure.ShouldBe(SealFailure.Changed);
        (await ReadAsync(workspace, other)).Length.ShouldBe((5 * Chunk) + 100);
    }

    [Fact]
    public void A_chunk_opens_in_its_place_of_its_blob_and_nowhere_else()
    {
        var (workspace, blob) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var key = Secrets.Bytes(32);
        using var cipher = new ChunkCipher([.. key], workspace, blob);
        using var otherBlob = new ChunkCipher([.. key], workspace, Guid.CreateVersion7());
        using var otherWorkspace = new ChunkCipher([.. key], Guid.CreateVersion7(), blob);
        Prop.ForAll<byte[], NonNegativeInt, bool>(
                (plain, position, last) =>
                {
                    plain ??= [];
                    var value = new byte[plain.Length + ChunkCipher.Overhead];
                    cipher.Seal(position.Get, last, plain, value);
                    var turned = value.ToArray();
                    turned[position.Get % turned.Length] ^= 1;
                    return Opens(cipher, position.Get, last, value, plain)
                        && !Opens(cipher, position.Get + 1, last, value, plain)
                        && !Opens(cipher, position.Get, !last, value, plain)
                        && !Opens(cipher, position.Get, last, turned, plain)
                        && !Opens(cipher, position.Get, last, value[..^1], plain)
                        && !Opens(otherBlob, position.Get, last, value, plain)
                        && !Opens(otherWorkspace, position.Get, last, value, plain);
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task A_stream_that_breaks_off_or_is_too_long_leaves_nothing()
    {
        var workspace = (await _host.OpenWorkspaceAsync()).Id;

        await Should.ThrowAsync<IOException>(() =>
            Blobs.WriteAsync(workspace, Actor.System, new BreakingStream(6 * Chunk), Plenty, null, _ct)
        );
        await Should.ThrowAsync<RuleException>(() =>
            Blobs.WriteAsync(workspace, Actor.System, new MemoryStream(new byte[(5 * Chunk) + 1]), 5 * Chunk, null, _ct)
        );

        (await _host.AsOwnerAsync<long>("select count(*) from kernel.blob where workspace_id = $1", workspace)).ShouldBe(0);
        (await _host.AsOwnerAsync<long>("select count(*) from kernel.blob_chunk where workspace_id = $1", workspace)).ShouldBe(0);
    }

    [Fact]
    public async Task What_a_killed_writer_left_can_neither_be_read_nor_kept_and_is_swept()
    {
        var workspace = (await _host.OpenWorkspaceAsync()).Id;
        var id = await WriteAsync(workspace, new byte[3 * Chunk]);
        await _host.AsOwnerAsync<object>("update kernel.blob set length = null where id = $1", id);

        await Should.ThrowAsync<NotFoundException>(() => ReadAsync(workspace, id));
        await Should.ThrowAsync<NotFoundException>(() => InAsync(workspace, ctx => BlobStore.KeepAsync(ctx, id, _ct)));
        await SweepNowAsync(workspace, id);

        (await _host.AsOwnerAsync<long>("select count(*) from kernel.blob_chunk where blob_id = $1", id)).ShouldBe(0);
    }

    [Fact]
    public async Task A_blob_that_was_taken_over_outlives_the_sweep()
    {
        var workspace = (await _host.OpenWorkspaceAsync()).Id;
        var id = await WriteAsync(workspace, new byte[100]);
        await InAsync(workspace, ctx => BlobStore.KeepAsync(ctx, id, _ct));
        await SweepNowAsync(workspace, id);

        (await ReadAsync(workspace, id)).Length.ShouldBe(100);
        await InAsync(workspace, ctx => BlobStore.DeleteAsync(ctx, id, _ct));
        (await _host.AsOwnerAsync<long>("select count(*) from kernel.blob_chunk where blob_id = $1", id)).ShouldBe(0);
    }

    [Fact]
    public async Task A_persons_blob_is_shredded_with_the_person_even_while_it_is_read()
    {
        var workspace = (await _host.OpenWorkspaceAsync()).Id;
        var person = Guid.CreateVersion7();
        var id = await Blobs.WriteAsync(workspace, Actor.System, new MemoryStream(new byte[9 * Chunk]), Plenty, person, _ct);
        await using var reading = await Blobs.OpenAsync(workspace, Actor.System, id, _ct);
        await reading.ReadExactlyAsync(new byte[Chunk], _ct);

        await InAsync(workspace, ctx => _host.Services.GetRequiredService<WorkspaceVault>().ShredAsync(ctx, person, _ct));

        (await Should.ThrowAsync<SealException>(() => reading.CopyToAsync(Stream.Null, _ct))).Failure.ShouldBe(SealFailure.KeyDestroyed);
        (await Should.ThrowAsync<SealException>(() => ReadAsync(workspace, id))).Failure.ShouldBe(SealFailure.KeyDestroyed);
    }

    [Fact]
    public async Task Another_workspaces_blob_is_not_there()
    {
        var (workspace, other) = ((await _host.OpenWorkspaceAsync()).Id, (await _host.OpenWorkspaceAsync()).Id);
        var id = await WriteAsync(workspace, [1, 2, 3]);

        await Should.ThrowAsync<NotFoundException>(() => ReadAsync(other, id));
        await Should.ThrowAsync<NotFoundException>(() => InAsync(other, ctx => BlobStore.KeepAsync(ctx, id, _ct)));
    }

    [Fact]
    public async Task A_blob_opens_after_its_workspaces_key_was_rotated_without_being_written_again()
    {
        var workspace = (await _host.OpenWorkspaceAsync()).Id;
        var content = Secrets.Bytes(2 * Chunk);
        var id = await WriteAsync(workspace, content);
        var before = await _host.AsOwnerAsync<string>(
            "select md5(string_agg(bytes, ''::bytea order by position)) from kernel.blob_chunk where blob_id = $1",
            id
        );
        await InAsync(workspace, ctx => _host.Services.GetRequiredService<WorkspaceKeys>().BeginRotationAsync(ctx, _ct));
        await using var scope = _host.Services.CreateAsyncScope();

        var result = await scope.ServiceProvider.GetRequiredService<ResealWorkspace>().RunAsync(workspace, null, _ct);

        result.OlderDestroyedAt.ShouldNotBeNull();
        (await ReadAsync(workspace, id)).ShouldBe(content);
        (
            await _host.AsOwnerAsync<string>(
                "select md5(string_agg(bytes, ''::bytea order by position)) from kernel.blob_chunk where blob_id = $1",
                id
            )
        ).ShouldBe(before);
    }

    private Task<Guid> WriteAsync(Guid workspace, byte[] content) =>
        // In small pieces, as a network gives them.
        Blobs.WriteAsync(workspace, Actor.System, new PiecemealStream(content), Plenty, null, _ct);

    private async Task<byte[]> ReadAsync(Guid workspace, Guid id)
    {
        await using var stream = await Blobs.OpenAsync(workspace, Actor.System, id, _ct);
        var content = new MemoryStream();
        await stream.CopyToAsync(content, 10_007, _ct);
        return content.ToArray();
    }

    private Task InAsync(Guid workspace, Func<WorkspaceContext, Task> work) => _host.Door.RunAsync(workspace, Actor.System, work, _ct);

    /// <summary>As the sweep of two days later does it.</summary>
    private async Task SweepNowAsync(Guid workspace, Guid id)
    {
        await _host.AsOwnerAsync<object>("update kernel.blob set created_at = created_at - interval '2 days' where id = $1", id);
        await ActivatorUtilities
            .CreateInstance<SweepWorkspace>(_host.Services)
            .RunAsync(new JobRun(workspace, Guid.Empty, workspace, 1), _ct);
    }

    private static bool Opens(ChunkCipher cipher, int position, bool last, byte[] value, byte[] plain)
    {
        try
        {
            var opened = new byte[Math.Max(0, value.Length - ChunkCipher.Overhead)];
            cipher.Open(position, last, value, opened);
            return opened.AsSpan().SequenceEqual(plain);
        }
        catch (SealException)
        {
            return false;
        }
    }

    private sealed class PiecemealStream(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 7_919)], cancellationToken);
    }

    private sealed class BreakingStream(int after) : MemoryStream(new byte[after])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var count ? count : throw new IOException("The line is cut.");
    }
}
