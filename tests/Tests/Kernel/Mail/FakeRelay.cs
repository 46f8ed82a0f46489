using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tenet.Tests.Kernel.Mail;

/// <summary>An SMTP relay (RFC 5321) on the loopback interface that keeps what it was given.</summary>
internal sealed class FakeRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public FakeRelay()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
    public ConcurrentQueue<string> Received { get; } = [];

    /// <summary>What to say to a recipient instead of accepting it: <c>451 later</c>. Null accepts; an empty text never answers.</summary>
    public Func<string, string?> Refuse { get; set; } = _ => null;

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = SpeakAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task SpeakAsync(TcpClient client)
    {
        using var _ = client;
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 relay.test");
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            if (line.StartsWith("RCPT", StringComparison.OrdinalIgnoreCase) && Refuse(line) is { } refusal)
            {
                if (refusal.Length == 0)
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                }
                await writer.WriteLineAsync(refusal);
            }
            else if (line.Equals("DATA", StringComparison.OrdinalIgnoreCase))
            {
                await writer.WriteLineAsync("354 go on");
                var letter = new StringBuilder();
                string? text;
                while ((text = await reader.ReadLineAsync(_stop.Token)) is not (null or "."))
                {
                    letter.AppendLine(text);
                }
                if (text is null)
                {
                    // Whoever sent it was cut off before its end: it was never taken.
                    return;
                }
                Received.Enqueue(letter.ToString());
                await writer.WriteLineAsync("250 taken");
            }
            else if (line.Equals("QUIT", StringComparison.OrdinalIgnoreCase))
            {
                await writer.WriteLineAsync("221 bye");
                return;
            }
            else
            {
                await writer.WriteLineAsync("250 ok");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }
}
