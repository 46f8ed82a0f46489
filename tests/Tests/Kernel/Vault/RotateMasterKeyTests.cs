using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Vault;

public sealed class RotateMasterKeyTests(OwnCluster own) : IClassFixture<OwnCluster>, IAsyncLifetime
{
    private static readonly SealedPlace Place = new("lab.thing", "secret", Guid.Parse("0197f000-0000-7000-8000-000000000001"));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-master-");
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly List<TestHost> _hosts = [];
    private string _database = "";
    private TestHost _host = null!;

    private string Present => Path.Combine(_folder.FullName, "present.key");
    private string Next => Path.Combine(_folder.FullName, "next.key");

    public async ValueTask InitializeAsync()
    {
        File.Copy(own.Cluster.MasterKeyFile, Present);
        _database = await own.Cluster.CreateDatabaseAsync();
        _host = await StartAsync(Present);
    }

    [Fact]
    public async Task The_next_key_opens_everything_and_the_older_one_is_refused()
    {
        var (workspace, value) = await SealAsync(_host, "of the shop");
        await SendAsync(_host, "letter-1@example.org");
        var token = _host.Services.GetRequiredService<InstallationVault>().Sign("test", [1, 2, 3]);

        var result = await RotateAsync(_host, new(MasterKey.FromFile(Next, create: true)));

        (result.Root, result.Workspaces, result.Letters).ShouldBe((2, 1, 1));
        result.OlderDestroyedAt.ShouldNotBeNull();
        var after = await StartAsync(Next);
        (await OpenAsync(after, workspace, value)).ShouldBe("of the shop");
        (await LettersAsync(after)).ShouldBe(["letter-1@example.org"]);
        after.Services.GetRequiredService<InstallationVault>().Verify("test", [1, 2, 3], token).ShouldBeTrue();
        after.Services.GetRequiredService<InstallationVault>().Verify("test", [1, 2, 4], token).ShouldBeFalse();
        var refused = await Should.ThrowAsync<MasterKeyException>(() => StartAsync(Present));
        refused.Message.ShouldContain("is not the one this database was sealed with, which is local:");
        // What stays of the older root key says under which master key it was.
        var roots = await after.Services.GetRequiredService<KeyStatus>().RootsAsync(_ct);
        roots.Select(root => (root.Version, root.DestroyedAt is null)).ShouldBe([(1, false), (2, true)]);
        roots[0].Master.ShouldNotBe(roots[1].Master);
    }

    [Fact]
    public async Task A_running_host_takes_the_new_root_key_while_it_serves()
    {
        var (workspace, value) = await SealAsync(_host, "of the shop");
        var command = await StartAsync(Present, background: false);

        await RotateAsync(command, new(MasterKey.FromFile(Next, create: true)));

        await Eventually.HoldsAsync(
            () => _host.Services.GetRequiredService<KeyRing>().Roots is [{ Version: 2 }],
            "the host uses the new key only",
            _ct
        );
        // New connections sign in with the new passwords.
        NpgsqlConnection.ClearAllPools();
        (await OpenAsync(_host, workspace, value)).ShouldBe("of the shop");
        await SendAsync(_host, "letter-2@example.org");
        (await LettersAsync(_host)).ShouldBe(["letter-2@example.org"]);
        (await SealAsync(_host, "of another shop")).Value.ShouldNotBeEmpty();
        (
            await _host.AsOwnerAsync<long>(
                "select count(*) from vault.workspace_key where substring(wrapped from 2 for 4) <> '\\x00000002'"
            )
        ).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_that_nobody_told_finds_the_new_passwords_by_itself()
    {
        var (workspace, value) = await SealAsync(_host, "of the shop");
        var deaf = await StartAsync(Present, background: false);

        await RotateAsync(_host, new(MasterKey.FromFile(Next, create: true)) { KeepOld = true });
        NpgsqlConnection.ClearAllPools();

        (await OpenAsync(deaf, workspace, value)).ShouldBe("of the shop");
    }

    [Fact]
    public async Task Cut_off_after_any_step_either_key_opens_it_and_it_goes_on()
    {
        var (workspace, value) = await SealAsync(_host, "of the shop");
        await SendAsync(_host, "letter-3@example.org");
        var steps = 0;
        for (var cutAfter = 1; ; cutAfter++)
        {
            steps = 0;
            var node = await StartAsync(Present, background: false);
            try
            {
                await RotateAsync(
                    node,
                    new(MasterKey.FromFile(Next, create: true))
                    {
                        Swap = () =>
                        {
                            if (++steps >= cutAfter)
                            {
                                throw new IOException("cut off");
                            }
                        },
                    },
                    new Teller(_ =>
                    {
                        if (++steps >= cutAfter)
                        {
                            throw new IOException("cut off");
                        }
                    })
                );
                break;
            }
            catch (IOException)
            {
                (await OpenAsync(await StartAsync(Present, background: false), workspace, value)).ShouldBe("of the shop");
                if (cutAfter > 1)
                {
                    (await OpenAsync(await StartAsync(Next, background: false), workspace, value)).ShouldBe("of the shop");
                }
            }
        }
        steps.ShouldBeGreaterThan(3);
        var after = await StartAsync(Next);
        (await OpenAsync(after, workspace, value)).ShouldBe("of the shop");
        (await LettersAsync(after)).ShouldBe(["letter-3@example.org"]);
        after.Services.GetRequiredService<KeyRing>().Current.Version.ShouldBe(2);
    }

    [Fact]
    public async Task A_file_is_exchanged_in_its_place_and_the_older_key_kept_beside_it()
    {
        var (workspace, value) = await SealAsync(_host, "of the shop");
        var before = await File.ReadAllTextAsync(Present, _ct);
        var place = new MasterKeyPlace(Present);

        await RotateAsync(_host, new(place.Next(underWay: false)) { Swap = place.Swap });

        (await File.ReadAllTextAsync(Present, _ct)).ShouldNotBe(before);
        (await File.ReadAllTextAsync(place.OldName, _ct)).ShouldBe(before);
        File.GetUnixFileMode(Present).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(place.OldName).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await OpenAsync(await StartAsync(Present, background: false), workspace, value)).ShouldBe("of the shop");
    }

    [Fact]
    public async Task Killed_between_the_exchange_of_the_files_and_the_end_it_goes_on()
    {
        var (workspace, value) = await SealAsync(_host, "of the shop");
        var place = new MasterKeyPlace(Present);
        await Should.ThrowAsync<IOException>(() =>
            RotateAsync(
                _host,
                new(place.Next(underWay: false))
                {
                    Swap = () =>
                    {
                        place.Swap();
                        throw new IOException("cut off");
                    },
                }
            )
        );

        var again = await StartAsync(Present, background: false);
        (await again.Services.GetRequiredService<KeyStatus>().MasterAsync(_ct)).UnderWay.ShouldBeTrue();
        var rest = new MasterKeyPlace(Present);
        await RotateAsync(again, new(rest.Next(underWay: true)) { Swap = rest.Swap });

        (await again.Services.GetRequiredService<KeyStatus>().MasterAsync(_ct)).UnderWay.ShouldBeFalse();
        (await OpenAsync(await StartAsync(Present, background: false), workspace, value)).ShouldBe("of the shop");
    }

    [Fact]
    public async Task Both_keys_open_it_as_long_as_the_older_one_is_kept()
    {
        var (workspace, value) = await SealAsync(_host, "of the shop");
        var next = MasterKey.FromFile(Next, create: true);
        await RotateAsync(_host, new(next) { KeepOld = true });

        (await OpenAsync(await StartAsync(Present, background: false), workspace, value)).ShouldBe("of the shop");
        (await OpenAsync(await StartAsync(Next, background: false), workspace, value)).ShouldBe("of the shop");
        await RotateAsync(_host, new(next));

        await Should.ThrowAsync<MasterKeyException>(() => StartAsync(Present));
        _host.Services.GetRequiredService<KeyRing>().Current.Version.ShouldBe(2);
    }

    [Fact]
    public async Task Signatures_outlive_several_rotations_until_they_are_revoked()
    {
        var vault = _host.Services.GetRequiredService<InstallationVault>();
        var first = vault.Sign("test", [7]);
        await RotateAsync(_host, new(MasterKey.FromFile(Next, create: true)));
        var second = vault.Sign("test", [7]);
        await RotateAsync(_host, new(MasterKey.FromFile(Next + "2", create: true)));

        var after = await StartAsync(Next + "2", background: false);
        vault = after.Services.GetRequiredService<InstallationVault>();
        vault.Verify("test", [7], first).ShouldBeTrue();
        vault.Verify("test", [7], second).ShouldBeTrue();

        await RotateAsync(after, new(MasterKey.FromFile(Next + "3", create: true)) { RevokeTokens = true });

        vault = (await StartAsync(Next + "3", background: false)).Services.GetRequiredService<InstallationVault>();
        vault.Verify("test", [7], first).ShouldBeFalse();
        vault.Verify("test", [7], second).ShouldBeFalse();
    }

    [Fact]
    public async Task A_second_rotation_beside_the_first_and_one_to_another_key_are_refused()
    {
        var next = MasterKey.FromFile(Next, create: true);
        await Should.ThrowAsync<IOException>(() => RotateAsync(_host, new(next) { Swap = () => throw new IOException("cut off") }));

        (
            await Should.ThrowAsync<ConflictException>(() => RotateAsync(_host, new(MasterKey.FromFile(Next + "2", create: true))))
        ).Message.ShouldContain("not finished");

        ConflictException? beside = null;
        await RotateAsync(
            _host,
            new(next)
            {
                Swap = () => beside = Should.Throw<ConflictException>(() => RotateAsync(_host, new(next)).GetAwaiter().GetResult()),
            }
        );
        beside.ShouldNotBeNull().Message.ShouldContain("another command");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }
        _folder.Delete(recursive: true);
    }

    private async Task<TestHost> StartAsync(string keyFile, bool background = true)
    {
        var host = await TestHost.StartAsync(_database, keyFile, null, background);
        _hosts.Add(host);
        return host;
    }

    private Task<MasterRotation> RotateAsync(
        TestHost host,
        MasterRotationOptions options,
        IProgress<MasterRotationProgress>? progress = null
    ) => host.Services.GetRequiredService<RotateMasterKey>().RunAsync(options, progress, _ct);

    private async Task<(Guid Workspace, byte[] Value)> SealAsync(TestHost host, string text)
    {
        var workspace = await host.OpenWorkspaceAsync();
        var vault = host.Services.GetRequiredService<WorkspaceVault>();
        return (workspace.Id, await host.Door.RunAsync(workspace.Id, Actor.System, ctx => vault.SealAsync(ctx, Place, text, _ct), _ct));
    }

    private Task<string> OpenAsync(TestHost host, Guid workspace, byte[] value) =>
        host.Door.RunAsync(
            workspace,
            Actor.System,
            ctx => host.Services.GetRequiredService<WorkspaceVault>().OpenAsync(ctx, Place, value, _ct),
            _ct
        );

    private Task SendAsync(TestHost host, string to) =>
        host.System.RunAsync(s => host.Services.GetRequiredService<Mailer>().SendAsync(s, new Letter(to, "Hello", "Text"), _ct), _ct);

    private Task<List<string>> LettersAsync(TestHost host)
    {
        var mailer = host.Services.GetRequiredService<Mailer>();
        return host.System.RunAsync(
            s =>
                s.ListAsync(
                    $"select id, sealed from kernel.mail where sealed is not null order by created_at",
                    row => mailer.Open(row.GetGuid(0), row.GetFieldValue<byte[]>(1)).To,
                    _ct
                ),
            _ct
        );
    }

    private sealed class Teller(Action<MasterRotationProgress> tell) : IProgress<MasterRotationProgress>
    {
        public void Report(MasterRotationProgress value) => tell(value);
    }
}
