using Microsoft.AspNetCore.Http;
using Shouldly;
using Tenet.Kernel.Http;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

public sealed class OriginCheckTests
{
    [Theory]
    // Browsers that say where a request comes from (Fetch Metadata).
    [InlineData("POST", "same-origin", "https://desk.example.com", true)]
    [InlineData("POST", "none", null, true)]
    [InlineData("POST", "same-site", "https://blog.example.com", false)]
    [InlineData("POST", "cross-site", "https://evil.example.net", false)]
    [InlineData("DELETE", "cross-site", null, false)]
    [InlineData("PUT", "nonsense", "https://desk.example.com", false)]
    // What only the address in Origin tells.
    [InlineData("POST", null, "https://desk.example.com", true)]
    [InlineData("POST", null, "https://DESK.example.com", true)]
    [InlineData("POST", null, "https://desk.example.com:8443", false)]
    [InlineData("POST", null, "https://desk.example.com.evil.net", false)]
    [InlineData("POST", null, "https://evil.example.net", false)]
    [InlineData("POST", null, "null", false)]
    [InlineData("POST", null, "not an address", false)]
    // Programs send neither; they carry no cookie that a browser would have added.
    [InlineData("POST", null, null, true)]
    // Reading changes nothing.
    [InlineData("GET", "cross-site", "https://evil.example.net", true)]
    [InlineData("HEAD", "cross-site", null, true)]
    [InlineData("OPTIONS", "cross-site", "https://evil.example.net", true)]
    public void A_change_is_taken_from_our_own_pages_only(string method, string? site, string? origin, bool taken)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = method;
        http.Request.Host = new HostString("desk.example.com");
        if (site is not null)
        {
            http.Request.Headers["Sec-Fetch-Site"] = site;
        }
        if (origin is not null)
        {
            http.Request.Headers.Origin = origin;
        }

        OriginCheck.IsOwn(http.Request).ShouldBe(taken);
    }
}
