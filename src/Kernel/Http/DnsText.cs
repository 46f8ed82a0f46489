using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;

namespace Tenet.Kernel.Http;

/// <summary>TXT records of a name (RFC 1035), asked of the machine's own name server. .NET looks up addresses only.</summary>
public sealed class DnsText
{
    private const int Text = 16;
    private const int MostAnswers = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks and answers with the raw message; replaced by tests.</summary>
    internal Func<byte[], CancellationToken, Task<byte[]>> Exchange { get; set; } = ExchangeAsync;

    /// <returns>Empty when there are none or the name server does not answer.</returns>
    public async Task<IReadOnlyList<string>> FindAsync(string name, CancellationToken ct)
    {
        if (Question(name) is not { } question)
        {
            return [];
        }
        try
        {
            var answer = await Exchange(question, ct);
            return Read(question, answer);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return [];
        }
    }

    private static byte[]? Question(string name)
    {
        var message = new List<byte>([.. Secrets.Bytes(2), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > 63 || !Ascii.IsValid(label))
            {
                return null;
            }
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }
        message.AddRange([0, 0, Text, 0, 1]);
        return message.Count > 12 + 255 + 4 ? null : [.. message];
    }

    /// <summary>Texts of an answer to this question; nothing of what is malformed.</summary>
    internal static List<string> Read(ReadOnlySpan<byte> question, ReadOnlySpan<byte> answer)
    {
        var texts = new List<string>();
        if (answer.Length < question.Length || !answer[..2].SequenceEqual(question[..2]) || (answer[3] & 0x0F) != 0)
        {
            return texts;
        }
        var at = question.Length;
        var count = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(answer[6..]), (ushort)MostAnswers);
        for (var i = 0; i < count; i++)
        {
            at = AfterName(answer, at);
            if (at < 0 || at + 10 > answer.Length)
            {
                break;
            }
            var type = BinaryPrimitives.ReadUInt16BigEndian(answer[at..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(answer[(at + 8)..]);
            at += 10;
            if (at + length > answer.Length)
            {
                break;
            }
            if (type == Text)
            {
                texts.Add(Strings(answer.Slice(at, length)));
            }
            at += length;
        }
        return texts;
    }

    private static int AfterName(ReadOnlySpan<byte> message, int at)
    {
        while (at < message.Length)
        {
            var length = message[at];
            if (length == 0)
            {
                return at + 1;
            }
            // A pointer ends the name.
            if ((length & 0xC0) == 0xC0)
            {
                return at + 2;
            }
            at += length + 1;
        }
        return -1;
    }

    private static string Strings(ReadOnlySpan<byte> data)
    {
        var text = new StringBuilder();
        while (data.Length > 0 && data[0] < data.Length)
        {
            text.Append(Encoding.ASCII.GetString(data.Slice(1, data[0])));
            data = data[(data[0] + 1)..];
        }
        return text.ToString();
    }

    private static async Task<byte[]> ExchangeAsync(byte[] question, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        var server =
            NetworkInterface
                .GetAllNetworkInterfaces()
                .SelectMany(i => i.GetIPProperties().DnsAddresses)
                .FirstOrDefault(a => a.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
            ?? IPAddress.Loopback;
        using var udp = new UdpClient(server.AddressFamily);
        udp.Connect(server, 53);
        await udp.SendAsync(question, patience.Token);
        return (await udp.ReceiveAsync(patience.Token)).Buffer;
    }
}
