using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Vault;

public sealed class AwsKmsTests(OwnCluster own) : IClassFixture<OwnCluster>, IAsyncLifetime
{
    private static readonly SealedPlace Place = new("lab.thing", "secret", Guid.Parse("0197f000-0000-7000-8000-000000000001"));
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private FakeKms _kms = null!;

    public async ValueTask InitializeAsync() => _kms = await FakeKms.StartAsync();

    [Fact]
    public async Task A_root_key_is_made_wrapped_and_opened_by_kms()
    {
        var master = Master(_kms.Options);

        var (root, wrapped) = await master.NewRootAsync(1, _ct);
        var again = await master.WrapAsync(1, root, _ct);

        wrapped.Master.ShouldBe("aws-kms:" + FakeKms.Arn);
        (await master.UnwrapAsync(1, wrapped.Bytes, _ct)).ShouldBe(root);
        (await master.UnwrapAsync(1, again.Bytes, _ct)).ShouldBe(root);
        (await Master(_kms.Options with { KeyId = "alias/tenet" }).UnwrapAsync(1, wrapped.Bytes, _ct)).ShouldBe(root);
        _kms.Asked.ShouldBe(["GenerateDataKey", "Encrypt", "Decrypt", "Decrypt", "Decrypt"]);
    }

    [Fact]
    public async Task A_wrap_of_another_version_does_not_open()
    {
        var master = Master(_kms.Options);
        var (_, wrapped) = await master.NewRootAsync(1, _ct);

        (await Should.ThrowAsync<MasterKeyException>(() => master.UnwrapAsync(2, wrapped.Bytes, _ct))).Message.ShouldContain(
            "InvalidCiphertextException"
        );
    }

    [Theory]
    [InlineData("ThrottlingException", "KMSInternalException", "502")]
    [InlineData("DependencyTimeoutException", "KeyUnavailableException", "503")]
    public async Task What_passes_by_itself_is_tried_again(params string[] refusals)
    {
        Array.ForEach(refusals, _kms.Refusals.Enqueue);

        (await Master(_kms.Options).NewRootAsync(1, _ct)).Root.Length.ShouldBe(32);

        _kms.Asked.Count.ShouldBe(refusals.Length + 1);
    }

    [Fact]
    public async Task Throttling_without_end_is_told()
    {
        for (var n = 0; n < 20; n++)
        {
            _kms.Refusals.Enqueue("ThrottlingException");
        }

        (await Should.ThrowAsync<MasterKeyException>(() => Master(_kms.Options).NewRootAsync(1, _ct))).Message.ShouldContain(
            "again in a minute"
        );
        _kms.Asked.Count.ShouldBeLessThan(10);
    }

    [Theory]
    [InlineData("AccessDeniedException", "Allow these credentials")]
    [InlineData("DisabledException", "Enable the key")]
    [InlineData("KMSInvalidStateException", "Enable the key")]
    [InlineData("IncorrectKeyException", "another key")]
    [InlineData("ExpiredTokenException", "AWS_SESSION_TOKEN")]
    public async Task What_does_not_pass_is_told_at_once_with_what_to_do(string error, string advice)
    {
        _kms.Refusals.Enqueue(error);

        var refused = await Should.ThrowAsync<MasterKeyException>(() => Master(_kms.Options).NewRootAsync(1, _ct));

        refused.Message.ShouldContain(advice);
        refused.ToString().ShouldNotContain("quoted");
        _kms.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Wrong_credentials_and_a_wrong_key_are_told_apart()
    {
        var stranger = _kms.Options with { Credentials = new AwsCredentials(FakeKms.AccessKey, "wrong") };
        (await Should.ThrowAsync<MasterKeyException>(() => Master(stranger).NewRootAsync(1, _ct))).Message.ShouldContain(
            "AWS_SECRET_ACCESS_KEY"
        );

        var unknown = _kms.Options with { KeyId = "alias/other" };
        (await Should.ThrowAsync<MasterKeyException>(() => Master(unknown).NewRootAsync(1, _ct))).Message.ShouldContain(
            "Check the key's id"
        );
    }

    [Fact]
    public async Task An_installation_lives_under_kms_from_its_first_start_to_a_rotation_to_a_file_and_back()
    {
        var database = await own.Cluster.CreateEmptyDatabaseAsync();
        await using var host = await StartAsync(database);
        var workspace = (await host.OpenWorkspaceAsync()).Id;
        var vault = host.Services.GetRequiredService<WorkspaceVault>();
        var value = await host.Door.RunAsync(workspace, Actor.System, ctx => vault.SealAsync(ctx, Place, "of the shop", _ct), _ct);

        await using (var again = await StartAsync(database))
        {
            (await OpenAsync(again, workspace, value)).ShouldBe("of the shop");
        }
        var folder = Directory.CreateTempSubdirectory("tenet-kms-");
        var file = Path.Combine(folder.FullName, "master.key");
        await RotateAsync(host, MasterKey.FromFile(file, create: true));
        await using (var onFile = await TestHost.StartAsync(database, file, null, background: false))
        {
            (await OpenAsync(onFile, workspace, value)).ShouldBe("of the shop");
            await RotateAsync(onFile, Master(_kms.Options));
        }
        await using var back = await StartAsync(database);
        (await OpenAsync(back, workspace, value)).ShouldBe("of the shop");
        (await Should.ThrowAsync<MasterKeyException>(() => TestHost.StartAsync(database, file, null))).Message.ShouldContain(
            "aws-kms:arn:aws:kms"
        );
        folder.Delete(recursive: true);
    }

    [Fact]
    public void A_key_in_two_places_is_refused()
    {
        var both = new MasterKeyOptions("unused") { Text = new string('a', 64), Kms = _kms.Options };

        Should.Throw<MasterKeyException>(() => both.Open(new EgressOptions())).Message.ShouldContain("unset the other");
        both.ToString().ShouldNotContain("aaaa");
    }

    public ValueTask DisposeAsync() => _kms.DisposeAsync();

    private EgressOptions Egress => new() { Loopback = [_kms.Address.Authority] };

    private MasterKey Master(AwsKmsOptions options) => MasterKeyOptions.OfKms(options, Egress);

    private Task<TestHost> StartAsync(string database) =>
        TestHost.StartAsync(
            database,
            "unused",
            null,
            background: false,
            settings: options =>
                options with
                {
                    MasterKey = new MasterKeyOptions("unused") { Kms = _kms.Options },
                    Egress = Egress,
                }
        );

    private Task<MasterRotation> RotateAsync(TestHost host, MasterKey next) =>
        host.Services.GetRequiredService<RotateMasterKey>().RunAsync(new(next), null, _ct);

    private Task<string> OpenAsync(TestHost host, Guid workspace, byte[] value) =>
        host.Door.RunAsync(
            workspace,
            Actor.System,
            ctx => host.Services.GetRequiredService<WorkspaceVault>().OpenAsync(ctx, Place, value, _ct),
            _ct
        );
}
