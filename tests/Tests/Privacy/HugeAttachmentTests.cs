using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Exports;
using Tenet.Tests.Crash;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

[Collection("processes")]
public sealed class HugeAttachmentTests(TestCluster cluster)
{
    private const long Length = 160_000_000;

    /// <summary>Of all that the host's collector may hold, in hexadecimal: 128 MiB.</summary>
    private const string HeapLimit = "8000000";

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Copies_with_a_file_that_is_larger_than_the_hosts_memory_are_made()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var person = await ErasedPerson.PlantAsync(host, workspace.Id);
        var blobs = host.Services.GetRequiredService<BlobStore>();
        await using var content = new Noise(Length);
        var file = await blobs.WriteAsync(workspace.Id, Actor.System, content, Length, person, _ct);
        var (export, copy) = await host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            async ctx =>
            {
                await BlobStore.KeepAsync(ctx, file, _ct);
                return (
                    (await ctx.Services.GetRequiredService<BeginPersonExport>().RunAsync(ctx, [person], _ct)).Id,
                    (await ctx.Services.GetRequiredService<BeginWorkspaceExport>().RunAsync(ctx, _ct)).Id
                );
            },
            _ct
        );

        await using var process = new TenetProcess(host.AdminConnectionString, cluster.MasterKeyFile);
        process.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        process.Launch();

        await Eventually.HoldsAsync(
            async () =>
                process.HasExited
                || await host.AsOwnerAsync<bool>(
                    """
                    select (select state from privacy.person_export where id = $1) = 'ready'
                       and (select state from privacy.workspace_export where id = $2) = 'ready'
                    """,
                    export,
                    copy
                ),
            "both copies are made",
            _ct
        );
        process.HasExited.ShouldBeFalse();
        // What is random does not get shorter by packing.
        const string Made = "select length from kernel.blob where id = (select blob_id from privacy.person_export where id = $1)";
        (await host.AsOwnerAsync<long>(Made, export)).ShouldBeGreaterThan(Length);
    }

    /// <summary>Bytes that cannot be packed, made as they are read.</summary>
    private sealed class Noise(long length) : Stream
    {
        private readonly byte[] _bytes = Secrets.Bytes(1 << 20);
        private long _at;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;

        public override long Position
        {
            get => _at;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var from = (int)(_at % _bytes.Length);
            var count = (int)Math.Min(Math.Min(buffer.Length, _bytes.Length - from), length - _at);
            _bytes.AsSpan(from, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
