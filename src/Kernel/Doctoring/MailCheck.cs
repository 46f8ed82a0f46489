using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Tenet.Kernel.Mail;

namespace Tenet.Kernel.Doctoring;

/// <summary>Speaks to the mail relay (RFC 5321, RFC 3207) up to its certificate. Sends no letter and no password.</summary>
internal static class MailCheck
{
    private const string Check = "mail.relay";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<Finding> LookAsync(MailOptions options, CancellationToken ct)
    {
        if (options.UsesSink)
        {
            return Finding.Yellow(
                Check,
                "No mail relay is set: sign-in letters do not leave this machine.",
                "Set Mail__Host, Mail__User, Mail__Password and Mail__From."
            );
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(options.Host!, options.Port, limit.Token);
            await using var stream = client.GetStream();
            return await SpeakAsync(stream, options, limit.Token);
        }
        catch (AuthenticationException)
        {
            return Finding.Red(
                Check,
                "The mail relay's certificate is not valid for its name, or nobody known has signed it.",
                "Use the name that its certificate bears in Mail__Host, or add its authority to this machine's."
            );
        }
        catch (Exception e) when (e is SocketException or IOException || e is OperationCanceledException && !ct.IsCancellationRequested)
        {
            return Finding.Red(
                Check,
                $"No mail relay answers at port {options.Port}.",
                "Check Mail__Host and Mail__Port (587 with STARTTLS is usual) and the firewall's outgoing rules."
            );
        }
    }

    private static async Task<Finding> SpeakAsync(Stream stream, MailOptions options, CancellationToken ct)
    {
        if (!(await ReplyAsync(stream, ct)).StartsWith("220", StringComparison.Ordinal))
        {
            return Finding.Red(Check, "What answers at the relay's port is no mail relay.", "Check Mail__Host and Mail__Port.");
        }
        await stream.WriteAsync("EHLO tenet\r\n"u8.ToArray(), ct);
        var offers = await ReplyAsync(stream, ct);
        if (!options.StartTls)
        {
            await stream.WriteAsync("QUIT\r\n"u8.ToArray(), ct);
            return Finding.Yellow(
                Check,
                "The mail relay answers, and letters go to it unencrypted.",
                "Set Mail__StartTls=true unless the relay runs on this very machine."
            );
        }
        if (!offers.Contains("STARTTLS", StringComparison.OrdinalIgnoreCase))
        {
            return Finding.Red(
                Check,
                "The mail relay offers no STARTTLS, so no letter can be sent to it.",
                "Use its submission port (587 is usual), or Mail__StartTls=false for a relay on this very machine."
            );
        }
        await stream.WriteAsync("STARTTLS\r\n"u8.ToArray(), ct);
        if (!(await ReplyAsync(stream, ct)).StartsWith("220", StringComparison.Ordinal))
        {
            return Finding.Red(Check, "The mail relay refuses STARTTLS.", "Ask who runs it.");
        }
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = options.Host }, ct);
        await tls.WriteAsync("QUIT\r\n"u8.ToArray(), ct);
        return Finding.Green(
            Check,
            "The mail relay answers and its certificate is valid. Whether it takes the password shows with the first letter."
        );
    }

    // A reply's last line has a space after its code.
    private static async Task<string> ReplyAsync(Stream stream, CancellationToken ct)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        while (text.Length < 10_000)
        {
            var count = await stream.ReadAsync(buffer, ct);
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
            var lines = text.ToString().Split("\r\n");
            if (count == 0 || lines.Length > 1 && lines[^1].Length == 0 && lines[^2].Length >= 4 && lines[^2][3] == ' ')
            {
                break;
            }
        }
        return text.ToString();
    }
}
