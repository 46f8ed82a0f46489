using Microsoft.Extensions.DependencyInjection;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Workspaces;

namespace Tenet.Tests.Support;

/// <summary>A member with a session, as a test needs one.</summary>
internal sealed record TestMember(Member Member, HttpClient Client, string Cookie);

internal static class SignIn
{
    /// <summary>A client signed in as a new member with the role (one of <c>Access</c>).</summary>
    public static async Task<HttpClient> SignInAsync(this TestHost host, Workspace workspace, string role) =>
        (await host.JoinAsync(workspace, role)).Client;

    /// <summary>A new member with a session, for tests that also need the member's id or the bare cookie.</summary>
    public static async Task<TestMember> JoinAsync(this TestHost host, Workspace workspace, string role, string? email = null)
    {
        var ct = Xunit.TestContext.Current.CancellationToken;
        email ??= $"{Secrets.Token(9).ToLowerInvariant()}@example.org";
        var member = await host.Services.GetRequiredService<Members>().CreateAsync(workspace.Id, email, "Robin " + role, role, ct);
        var life = await host.Services.GetRequiredService<Lifetimes>().OfSessionAsync(ct);
        var (token, _, _) = await host.System.RunAsync(
            s => Sessions.BeginAsync(s, life, member.LoginId, workspace.Id, new Caller("127.0.0.1", "tests"), SignInMethod.Link, ct),
            ct
        );
        var cookie = $"{SessionCookie.Name}={token}";
        var client = host.Client();
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        // Edits change whatever is there; tests of tags send their own.
        client.DefaultRequestHeaders.Add("If-Match", "*");
        return new TestMember(member, client, cookie);
    }
}
