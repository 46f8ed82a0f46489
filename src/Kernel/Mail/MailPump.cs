using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Mail;

/// <summary>How letters leave. Without a host they stay where they are; <see cref="MailSink"/> says who may read them there.</summary>
public sealed record MailOptions
{
    public string? Host { get; init; }
    public int Port { get; init; } = 587;
    public bool StartTls { get; init; } = true;
    public string? User { get; init; }
    public string? Password { get; init; }
    public string From { get; init; } = "tenet@localhost";

    public bool UsesSink => string.IsNullOrEmpty(Host);
}

/// <summary>Sends waiting letters by the operator's SMTP relay, with retries; keeps nothing of what was sent.</summary>
internal sealed partial class MailPump(SystemScope system, Mailer mailer, MailOptions options, TimeProvider time, ILogger<MailPump> logger)
    : BackgroundService
{
    private const int MaxAttempts = 10;

    // Shorter than the claim, so that no letter is sent by two nodes at once.
    private static readonly TimeSpan RelayTime = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.UsesSink)
        {
            return;
        }
        CrashPoint.Enter("mail");
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await SendNextAsync(stoppingToken))
                {
                    await Task.Delay(TimeSpan.FromSeconds(2), time, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                LogUnreachable(e.SqlState ?? "connection");
                await Task.Delay(TimeSpan.FromSeconds(2), time, CancellationToken.None);
            }
        }
    }

    private async Task<bool> SendNextAsync(CancellationToken ct)
    {
        // Claimed for a minute, so that no transaction is held open while the relay is awaited.
        var next = await system.RunAsync(
            s =>
                s.FirstOrDefaultAsync<(Guid Id, byte[] Sealed, int Attempt)?>(
                    $"""
                    update kernel.mail set run_at = {s.Now.AddMinutes(1)}, attempt = attempt + 1
                     where id = (select id from kernel.mail where sent_at is null and dead_at is null and run_at <= {s.Now}
                                  order by run_at limit 1 for update skip locked)
                    returning id, sealed, attempt
                    """,
                    row => (row.GetGuid(0), row.GetFieldValue<byte[]>(1), row.GetInt32(2)),
                    ct
                ),
            ct
        );
        if (next is not { } mail)
        {
            return false;
        }
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(RelayTime);
            await RelayAsync(mail.Id, mailer.Open(mail.Id, mail.Sealed), limit.Token);
            Signals.Mails.Add(1, new KeyValuePair<string, object?>("outcome", "sent"));
            await system.RunAsync(
                s => s.ExecuteAsync($"update kernel.mail set sent_at = {s.Now}, sealed = null where id = {mail.Id}", ct),
                ct
            );
        }
        // Whatever is wrong with one letter (its address, its seal, the relay) must not keep the others from leaving.
        catch (Exception e) when (e is not NpgsqlException && !ct.IsCancellationRequested)
        {
            var error = (e as SmtpException)?.StatusCode.ToString() ?? e.GetType().Name;
            Signals.Mails.Add(1, new KeyValuePair<string, object?>("outcome", "refused"));
            LogRefused(mail.Id, mail.Attempt, error);
            await system.RunAsync(
                s =>
                    mail.Attempt >= MaxAttempts
                        ? s.ExecuteAsync($"update kernel.mail set dead_at = {s.Now}, last_error = {error} where id = {mail.Id}", ct)
                        : s.ExecuteAsync(
                            $"update kernel.mail set run_at = {s.Now + Jobs.JobWorker.Backoff(mail.Attempt + 2)}, last_error = {error} where id = {mail.Id}",
                            ct
                        ),
                ct
            );
        }
        return true;
    }

    private async Task RelayAsync(Guid id, Letter letter, CancellationToken ct)
    {
        using var client = new SmtpClient(options.Host, options.Port) { EnableSsl = options.StartTls };
        if (options.User is { Length: > 0 } user)
        {
            client.Credentials = new NetworkCredential(user, options.Password);
        }
        using var message = new MailMessage(options.From, letter.To, letter.Subject, letter.Text);
        // A node that dies after the relay has taken the letter leaves it to be sent again, under the same name: RFC 5322, 3.6.4.
        message.Headers.Add("Message-ID", $"<{id:N}@{message.From!.Host}>");
        CrashPoint.Reach("send.before");
        await client.SendMailAsync(message, ct);
        CrashPoint.Reach("send.after");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail relay refused letter {Id} at attempt {Attempt}: {Error}")]
    private partial void LogRefused(Guid id, int attempt, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail queue cannot be reached now ({State})")]
    private partial void LogUnreachable(string state);
}
