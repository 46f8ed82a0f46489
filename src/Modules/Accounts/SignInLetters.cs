using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>
/// Writes the letters with sign-in links. Apart from the request, so that an answer takes as long for an address we know as for one
/// we do not.
/// </summary>
internal sealed partial class SignInLetters(
    SystemScope system,
    Mailer mailer,
    Lifetimes lifetimes,
    SharedLimits limits,
    ILogger<SignInLetters> logger
) : BackgroundService
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(15);
    private const int PerAddress = 5;
    private const int PerClient = 30;
    private readonly Channel<SignInRequest> _waiting = Channel.CreateBounded<SignInRequest>(1_000);

    /// <returns>False when this client or this address has asked too often.</returns>
    public async Task<bool> TryAskAsync(SignInRequest request, string? client, CancellationToken ct) =>
        await limits.TryAttemptAsync("letters to a client", client ?? "", PerClient, Window, ct)
        && await limits.TryAttemptAsync("letters to an address", request.Email.ToLowerInvariant(), PerAddress, Window, ct)
        && _waiting.Writer.TryWrite(request);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var request in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                var life = await lifetimes.OfLinkAsync(stoppingToken);
                await system.RunAsync(s => WriteAsync(s, life, request, stoppingToken), stoppingToken);
            }
            catch (NpgsqlException e)
            {
                LogFailed(e.SqlState ?? "connection");
            }
        }
    }

    private async Task WriteAsync(SystemContext system, TimeSpan life, SignInRequest request, CancellationToken ct)
    {
        if (await SignInLinks.CreateAsync(system, life, request.Email, request.BrowserHash, request.ReturnPath, ct) is not { } token)
        {
            return;
        }
        var letter = new Letter(
            request.Email,
            "Your sign-in link for Tenet",
            $"""
            Open this link in the browser in which you asked for it:

            {SignInLinks.Address(request.Root, token)}

            It works once, for {new Period(0, life)}. If you did not ask for it, ignore this letter: nobody can sign in without it.
            """
        );
        await mailer.SendAsync(system, letter, ct);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in letter could not be written ({State}); its reader must ask again")]
    private partial void LogFailed(string state);
}

/// <param name="Root">The address of this host as the reader knows it.</param>
internal sealed record SignInRequest(string Email, byte[] BrowserHash, string ReturnPath, Uri Root);
