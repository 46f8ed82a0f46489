using System.Net;
using System.Net.Sockets;

namespace Tenet.Accounts;

/// <summary>
/// Where a session is, in words. The device is what the browser says of itself. The place is the network that the address belongs to, no closer:
/// no look-up service is asked, for that would tell a stranger who signs in from where.
/// </summary>
internal static class Device
{
    private static readonly (string Mark, string Name)[] Browsers =
    [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];

    private static readonly (string Mark, string Name)[] Systems =
    [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];

    public static string Of(string? userAgent)
    {
        var (browser, system) = (Find(Browsers, userAgent), Find(Systems, userAgent));
        return (browser, system) switch
        {
            (null, null) => "Unknown device",
            (null, _) => system,
            (_, null) => browser,
            _ => $"{browser} on {system}",
        };
    }

    /// <summary>The network: <c>203.0.113.x</c>, <c>2001:db8:1::</c>.</summary>
    public static string PlaceOf(string? ip)
    {
        if (!IPAddress.TryParse(ip, out var address))
        {
            return "Unknown network";
        }
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.IsLoopback(address))
        {
            return "This machine";
        }
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            var isPrivate = bytes[0] == 10 || (bytes[0] == 172 && bytes[1] is >= 16 and < 32) || (bytes[0] == 192 && bytes[1] == 168);
            return $"{(isPrivate ? "Local network" : "Network")} {bytes[0]}.{bytes[1]}.{bytes[2]}.x";
        }
        Array.Clear(bytes, 6, 10);
        return $"{(address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal ? "Local network" : "Network")} {new IPAddress(bytes)}";
    }

    private static string? Find((string Mark, string Name)[] known, string? text) =>
        Array.Find(known, entry => text?.Contains(entry.Mark, StringComparison.Ordinal) == true).Name;
}
