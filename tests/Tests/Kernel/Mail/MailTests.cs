using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Mail;

public sealed class MailTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly ShiftedTime _time = new();
    private readonly FakeRelay _relay = new();
    private string _database = "";
    private KernelApp _app = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await cluster.CreateDatabaseAsync();
        _app = await KernelApp.StartAsync(
            cluster,
            _database,
            services => services.AddSingleton<TimeProvider>(_time),
            options: kernel =>
                kernel with
                {
                    Mail = new MailOptions
                    {
                        Host = "127.0.0.1",
                        Port = _relay.Port,
                        StartTls = false,
                        From = "desk@shop.test",
                    },
                }
        );
    }

    [Fact]
    public async Task A_letter_waits_sealed_leaves_once_and_leaves_nothing_behind()
    {
        var workspace = await _app.OpenWorkspaceAsync();
        await SendAsync(workspace, new Letter("ann@example.com", "Your sign-in link", "https://shop.test/secret-token"));
        (await TextAsync("select encode(sealed, 'escape') from kernel.mail") ?? "").ShouldNotContain("secret-token");

        await Eventually.HoldsAsync(
            async () => await TextAsync("select 'sent' from kernel.mail where sent_at is not null") is not null,
            "the letter has left",
            _ct
        );

        var letter = _relay.Received.ShouldHaveSingleItem();
        letter.ShouldContain("To: ann@example.com");
        letter.ShouldContain("From: desk@shop.test");
        letter.ShouldContain("Subject: Your sign-in link");
        (await TextAsync("select count(*)::text from kernel.mail where sealed is not null")).ShouldBe("0");
    }

    [Fact]
    public async Task A_letter_of_work_that_was_undone_is_never_sent()
    {
        var workspace = await _app.OpenWorkspaceAsync();
        await Should.ThrowAsync<InvalidOperationException>(() =>
            _app.Door.RunAsync(
                workspace.Id,
                Actor.System,
                ctx =>
                {
                    _app.Services.GetRequiredService<Mailer>().Send(ctx, new Letter("ann@example.com", "No", "No"));
                    throw new InvalidOperationException();
                },
                _ct
            )
        );
        (await TextAsync("select count(*)::text from kernel.mail")).ShouldBe("0");
    }

    [Fact]
    public async Task A_letter_that_the_relay_refuses_is_tried_again()
    {
        _relay.Refuse = _ => "451 later, please";
        await SendAsync(await _app.OpenWorkspaceAsync(), new Letter("ann@example.com", "Again", "Again"));
        await Eventually.HoldsAsync(
            async () => await TextAsync("select last_error from kernel.mail") is not null,
            "the letter is refused",
            _ct
        );

        _relay.Refuse = _ => null;
        _time.Advance(TimeSpan.FromMinutes(15));

        await Eventually.HoldsAsync(() => _relay.Received.Count == 1, "the letter has left", _ct);
    }

    [Theory]
    [InlineData("this is no address", "Hello")]
    [InlineData("ann@example.com", "Hello\r\nBcc: everybody@example.com")]
    public async Task A_letter_that_cannot_be_sent_keeps_no_other_from_leaving(string to, string subject)
    {
        var workspace = await _app.OpenWorkspaceAsync();
        await SendAsync(workspace, new Letter(to, subject, "broken"));
        await SendAsync(workspace, new Letter("bob@example.com", "Fine", "fine"));

        await Eventually.HoldsAsync(
            () => _relay.Received.Any(letter => letter.Contains("fine", StringComparison.Ordinal)),
            "the other has left",
            _ct
        );

        _relay.Received.ShouldNotContain(letter => letter.Contains("broken", StringComparison.Ordinal));
        while (await TextAsync("select 'dead' from kernel.mail where dead_at is not null") is null)
        {
            _time.Advance(TimeSpan.FromMinutes(15));
            await Task.Delay(50, _ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _relay.DisposeAsync();
    }

    private Task SendAsync(Workspace workspace, Letter letter) =>
        _app.Door.RunAsync(
            workspace.Id,
            Actor.System,
            ctx =>
            {
                _app.Services.GetRequiredService<Mailer>().Send(ctx, letter);
                return Task.CompletedTask;
            },
            _ct
        );

    private async Task<string?> TextAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync(_ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(_ct) as string;
    }
}
