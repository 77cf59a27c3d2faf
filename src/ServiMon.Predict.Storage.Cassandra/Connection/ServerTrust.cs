using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cassandra;

namespace ServiMon.Predict.Storage.Cassandra.Connection;

/// <summary>TLS as the options want it.</summary>
internal static class ServerTrust
{
    /// <param name="names">The names that contact points were given by, by address.</param>
    /// <exception cref="InputException">When a certificate or key cannot be read.</exception>
    public static SSLOptions Make(TlsOptions tls, IReadOnlyDictionary<IPAddress, string> names)
    {
        var authorities = Read(tls.AuthorityFile, "cassandra.tls.authority_file", path =>
        {
            var read = new X509Certificate2Collection();
            read.ImportFromPemFile(path);
            return read.Count > 0 ? read : throw new CryptographicException("it holds no certificate");
        });
        // SslProtocols.None leaves the choice of versions to the operating system.
        var options = new SSLOptions(SslProtocols.None, checkCertificateRevocation: false, (_, certificate, _, errors) => IsTrusted(tls, authorities, certificate, errors));
        options.SetHostNameResolver(address => names.TryGetValue(address, out var name) ? name : address.ToString());
        var own = Read(tls.CertificateFile, "cassandra.tls.certificate_file", path => X509Certificate2.CreateFromPemFile(path, tls.KeyFile));
        return own is null ? options : options.SetCertificateCollection([own]);
    }

    private static bool IsTrusted(TlsOptions tls, X509Certificate2Collection? authorities, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (!tls.ChecksName) errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
        if (errors == SslPolicyErrors.None) return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || authorities is null || certificate is null) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var presented = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(presented);
    }

    private static T? Read<T>(string? path, string key, Func<string, T> read) where T : class
    {
        if (path is null) return null;
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InputException(key, $"'{path}' cannot be used: {e.Message}");
        }
    }
}
