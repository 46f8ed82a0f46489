using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Vault;

public sealed class RotateWorkspaceKeyTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    private WorkspaceVault Vault => _host.Services.GetRequiredService<WorkspaceVault>();
    private WorkspaceKeys Keys => _host.Services.GetRequiredService<WorkspaceKeys>();

    [Fact]
    public async Task Everything_is_sealed_again_and_the_older_key_is_destroyed_with_its_time()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var settings = await SaveSettingAsync(workspace.Id, "sk-of-the-shop");
        var persons = await SealForPersonsAsync(workspace.Id, 450);
        var before = await NowAsync();
        var told = new List<ResealProgress>();

        var result = await RotateAsync(workspace.Id, new Teller(told.Add));

        (result.Version, result.Values, result.Unreadable).ShouldBe((2, 451, 0));
        result.OlderDestroyedAt.ShouldNotBeNull().ShouldBeInRange(before, await NowAsync());
        told.ShouldContain(progress => progress.Done > 0 && progress.Done < 451 && progress.Total == 451);
        (await OpenSettingAsync(workspace.Id, settings)).ShouldBe("sk-of-the-shop");
        foreach (var (person, value) in persons.Take(20))
        {
            (await OpenAsync(workspace.Id, Place(person), value)).ShouldBe($"of {person}");
        }
        var versions = await InAsync(workspace.Id, ctx => WorkspaceKeys.ListAsync(ctx, _ct));
        versions.Select(key => key.DestroyedAt is null).ShouldBe([false, true]);
    }

    [Fact]
    public async Task What_only_the_older_key_sealed_opens_no_more_after_the_rotation()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var place = Place(Guid.CreateVersion7());
        // In no column, as in an old copy of the table.
        var copied = await InAsync(workspace.Id, ctx => Vault.SealAsync(ctx, place, "copied away", _ct));

        await RotateAsync(workspace.Id);

        (await Should.ThrowAsync<SealException>(() => OpenAsync(workspace.Id, place, copied))).Failure.ShouldBe(SealFailure.KeyDestroyed);
    }

    [Fact]
    public async Task A_host_that_does_not_know_a_column_of_the_next_release_keeps_the_older_key()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = await host.OpenWorkspaceAsync();
        var keys = host.Services.GetRequiredService<WorkspaceKeys>();
        await host.Door.RunAsync(
            workspace.Id,
            Actor.System,
            async ctx =>
            {
                await host.Services.GetRequiredService<WorkspaceVault>().SealAsync(ctx, Place(workspace.Id), "x", _ct);
                await keys.BeginRotationAsync(ctx, _ct);
            },
            _ct
        );
        await host.AsOwnerAsync<object>("alter table assistant.settings add column second_key bytea");
        await using var scope = host.Services.CreateAsyncScope();

        var refused = await Should.ThrowAsync<InvalidOperationException>(() =>
            scope.ServiceProvider.GetRequiredService<ResealWorkspace>().RunAsync(workspace.Id, null, _ct)
        );

        refused.Message.ShouldContain("assistant.settings.second_key");
        (
            await host.AsOwnerAsync<long>(
                "select count(*) from vault.workspace_key where wrapped is not null and workspace_id = $1",
                workspace.Id
            )
        ).ShouldBe(2);
    }

    [Fact]
    public async Task Writers_go_on_while_it_rotates_and_none_of_what_they_wrote_is_lost()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var settings = await SaveSettingAsync(workspace.Id, "0");
        await SealForPersonsAsync(workspace.Id, 300);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_ct);
        var written = new System.Collections.Concurrent.ConcurrentDictionary<Guid, byte[]>();
        var last = "0";
        var persons = Enumerable
            .Range(0, 3)
            .Select(_ =>
                Task.Run(async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        var person = Guid.CreateVersion7();
                        written[person] = await InAsync(
                            workspace.Id,
                            ctx => Vault.SealForAsync(ctx, person, Place(person), $"of {person}", _ct)
                        );
                    }
                })
            );
        // Reads the sealed bytes and writes them back later, as a form does that changes something else.
        var form = Task.Run(async () =>
        {
            for (var n = 1; !stop.IsCancellationRequested; n++)
            {
                var text = $"{n}";
                await InAsync(
                    workspace.Id,
                    async ctx =>
                    {
                        var value =
                            n % 2 == 0
                                ? await ctx.ScalarAsync<byte[]>($"select key from assistant.settings for update", _ct)
                                : await Vault.SealAsync(ctx, SettingPlace(settings), text, _ct);
                        await Task.Delay(3, _ct);
                        return await ctx.ExecuteAsync($"update assistant.settings set key = {value}", _ct);
                    }
                );
                last = n % 2 == 0 ? last : text;
            }
        });
        var writers = Task.WhenAll([.. persons, form]);

        for (var round = 2; round <= 4; round++)
        {
            (await RotateAsync(workspace.Id)).Version.ShouldBe(round);
        }
        await stop.CancelAsync();
        await writers;

        (await OpenSettingAsync(workspace.Id, settings)).ShouldBe(last);
        written.Count.ShouldBeGreaterThan(10);
        foreach (var (person, value) in written)
        {
            (await OpenAsync(workspace.Id, Place(person), value)).ShouldBe($"of {person}");
        }
        (
            await _host.AsOwnerAsync<long>(
                "select count(*) from vault.workspace_key where workspace_id = $1 and wrapped is not null",
                workspace.Id
            )
        ).ShouldBe(1);
    }

    [Fact]
    public async Task Cut_off_in_the_middle_it_loses_nothing_and_goes_on()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        var persons = await SealForPersonsAsync(workspace.Id, 900);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(_ct);
        await Should.ThrowAsync<OperationCanceledException>(() =>
            RotateAsync(
                workspace.Id,
                new Teller(progress =>
                {
                    if (progress.Done > 0)
                    {
                        cut.Cancel();
                    }
                }),
                cut.Token
            )
        );
        var status = await InAsync(workspace.Id, ctx => _host.Services.GetRequiredService<KeyStatus>().RotationAsync(ctx, _ct));
        status.ShouldNotBeNull().Left.ShouldBeInRange(1, 899);
        (await OpenAsync(workspace.Id, Place(persons[0].Person), persons[0].Value)).ShouldBe($"of {persons[0].Person}");
        (await OpenAsync(workspace.Id, Place(persons[^1].Person), persons[^1].Value)).ShouldBe($"of {persons[^1].Person}");

        var result = await RotateAsync(workspace.Id);

        result.Version.ShouldBe(2);
        result.OlderDestroyedAt.ShouldNotBeNull();
        (await InAsync(workspace.Id, ctx => _host.Services.GetRequiredService<KeyStatus>().RotationAsync(ctx, _ct))).ShouldBeNull();
    }

    [Fact]
    public async Task The_job_of_a_running_host_goes_on_where_a_command_was_killed()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await SealForPersonsAsync(workspace.Id, 20);
        await InAsync(workspace.Id, ctx => Keys.BeginRotationAsync(ctx, _ct));
        await _host.AsOwnerAsync<object>(
            "update kernel.job set run_at = now() where kind = 'vault.reseal' and workspace_id = $1",
            workspace.Id
        );

        await _host.WaitUntilAsync(
            "select bool_or(destroyed_at is not null) from vault.workspace_key where workspace_id = $1 and version = 1",
            workspace.Id
        );
    }

    [Fact]
    public async Task A_value_that_does_not_open_keeps_the_older_key()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        await SaveSettingAsync(workspace.Id, "sk-of-the-shop");
        await _host.AsOwnerAsync<object>(
            "update assistant.settings set key = set_byte(key, length(key) - 1, get_byte(key, length(key) - 1) # 1) where workspace_id = $1",
            workspace.Id
        );

        var result = await RotateAsync(workspace.Id);

        (result.Unreadable, result.OlderDestroyedAt).ShouldBe((1, null));
        var verified = await _host.Services.GetRequiredService<KeyVerification>().WorkspaceAsync(workspace.Id, false, _ct);
        verified.Broken.ShouldHaveSingleItem().ShouldStartWith("assistant.settings.key of");
    }

    [Fact]
    public async Task A_workspace_without_a_key_and_one_whose_keys_are_destroyed_have_nothing_to_rotate()
    {
        var workspace = await _host.OpenWorkspaceAsync();
        (await InAsync(workspace.Id, ctx => Keys.BeginRotationAsync(ctx, _ct))).ShouldBeNull();
        var settings = await SaveSettingAsync(workspace.Id, "sk-of-the-shop");

        (await InAsync(workspace.Id, ctx => Keys.DestroyAsync(ctx, _ct))).ShouldNotBeNull();

        (await InAsync(workspace.Id, ctx => Keys.BeginRotationAsync(ctx, _ct))).ShouldBeNull();
        (await Should.ThrowAsync<SealException>(() => OpenSettingAsync(workspace.Id, settings))).Failure.ShouldBe(SealFailure.KeyDestroyed);
        (await InAsync(workspace.Id, ctx => Keys.DestroyAsync(ctx, _ct))).ShouldBeNull();
    }

    private static SealedPlace Place(Guid row) => new("lab.thing", "secret", row);

    private static SealedPlace SettingPlace(Guid id) => new("assistant.settings", "key", id);

    private async Task<Guid> SaveSettingAsync(Guid workspace, string key)
    {
        var id = Guid.CreateVersion7();
        await InAsync(
            workspace,
            async ctx =>
            {
                var value = await Vault.SealAsync(ctx, SettingPlace(id), key, _ct);
                return await ctx.ExecuteAsync(
                    $"""
                    insert into assistant.settings (id, provider, model, base_url, key, key_ending, tone, max_output_tokens, over_budget, link_hosts, uses_tools, changed_at)
                    values ({id}, 'openai', '', '', {value}, 'shop', '', 700, 'ask_person', {Array.Empty<string>()}, false, {ctx.Now})
                    """,
                    _ct
                );
            }
        );
        return id;
    }

    private Task<string> OpenSettingAsync(Guid workspace, Guid id) =>
        InAsync(
            workspace,
            async ctx =>
            {
                var value = await ctx.ScalarAsync<byte[]>($"select key from assistant.settings where id = {id}", _ct);
                return await Vault.OpenAsync(ctx, SettingPlace(id), value!, _ct);
            }
        );

    private Task<List<(Guid Person, byte[] Value)>> SealForPersonsAsync(Guid workspace, int count) =>
        InAsync(
            workspace,
            async ctx =>
            {
                var values = new List<(Guid, byte[])>();
                for (var n = 0; n < count; n++)
                {
                    var person = Guid.CreateVersion7();
                    values.Add((person, await Vault.SealForAsync(ctx, person, Place(person), $"of {person}", _ct)));
                }
                return values;
            }
        );

    private async Task<Resealed> RotateAsync(Guid workspace, IProgress<ResealProgress>? progress = null, CancellationToken? ct = null)
    {
        await InAsync(workspace, ctx => Keys.BeginRotationAsync(ctx, _ct));
        await using var scope = _host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ResealWorkspace>().RunAsync(workspace, progress, ct ?? _ct);
    }

    private Task<string> OpenAsync(Guid workspace, SealedPlace place, byte[] value) =>
        InAsync(workspace, ctx => Vault.OpenAsync(ctx, place, value, _ct));

    private Task<T> InAsync<T>(Guid workspace, Func<WorkspaceContext, Task<T>> work) =>
        _host.Door.RunAsync(workspace, Actor.System, work, _ct);

    private async Task<DateTimeOffset> NowAsync() => new(await _host.AsOwnerAsync<DateTime>("select clock_timestamp()"));

    private sealed class Teller(Action<ResealProgress> tell) : IProgress<ResealProgress>
    {
        public void Report(ResealProgress value) => tell(value);
    }
}
